/**
 * Builds MCPServers for tests: a complete, stored one from the few fields that a test is about.
 */
import { defaultMCPServer, type MCPServer, type MCPServerManifest } from '../../api/index.ts';

type Spec = Partial<MCPServerManifest['spec']>;

/** An MCPServer `team-a/github` as the API server returns it, with `spec` over the defaults. */
export function aServer(spec: Spec = {}, metadata: Partial<MCPServer['metadata']> = {}): MCPServer {
  return defaultMCPServer({
    metadata: { name: 'github', namespace: 'team-a', uid: 'uid-of-github', generation: 1, ...metadata },
    spec: { source: { image: { ref: 'example.com/server:1.0.0' } }, ...spec },
  });
}

/** The same, without pods. */
export function aRemoteServer(url = 'https://mcp.example.com/mcp', spec: Spec = {}): MCPServer {
  return aServer({ source: { remote: { url } }, ...spec });
}
