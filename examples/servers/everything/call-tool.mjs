/**
 * Calls one tool of an MCP server and prints what it answers: `node call-tool.mjs URL TOOL [ARGUMENTS as JSON]`.
 * Speaks both eras: asks `server/discover` first and falls back to `initialize`.
 */
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

const TIMEOUT_MS = 10_000;

async function callTool(url, name, json) {
  const client = new Client(
    { name: 'example-client', version: '1.0.0' },
    { versionNegotiation: { mode: 'auto' } },
  );
  const transport = new StreamableHTTPClientTransport(new URL(url));
  await client.connect(transport, { timeout: TIMEOUT_MS });
  try {
    const result = await client.callTool({ name, arguments: JSON.parse(json) }, { timeout: TIMEOUT_MS });
    return { server: client.getServerVersion(), tool: name, ...result };
  } finally {
    // A server of the legacy era keeps a session for us until we say that we are done.
    await transport.terminateSession();
    await client.close();
  }
}

const [url, tool, json = '{}'] = process.argv.slice(2);
if (!url || !tool) {
  process.stderr.write('usage: node call-tool.mjs URL TOOL [ARGUMENTS as JSON]\n');
  process.exit(2);
}
try {
  const answer = await callTool(url, tool, json);
  process.stdout.write(`${JSON.stringify(answer)}\n`);
  process.exitCode = answer.isError ? 1 : 0;
} catch (error) {
  process.stderr.write(`${url}: ${error.message}\n`);
  process.exitCode = 1;
}
