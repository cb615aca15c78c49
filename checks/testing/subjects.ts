/**
 * Builds what rules judge, for tests: a subject from the few fields that a test is about, and a policy from its rules.
 */
import {
  type MCPSecurityPolicy,
  type MCPSecurityPolicyManifest,
  type MCPServer,
  defaultMCPSecurityPolicy,
} from '../../api/index.ts';
import { DEFAULT_RENDER_SETTINGS } from '../../render/index.ts';
import { aRemoteServer, aServer } from '../../render/testing/a-server.ts';
import { type NamespaceFacts, type Subject, subjectOf } from '../subject.ts';

/** A namespace `team-a`, of production. */
const NAMESPACE: NamespaceFacts = {
  name: 'team-a',
  labels: { 'kubernetes.io/metadata.name': 'team-a', environment: 'production' },
};

/** The server `team-a/github` with `spec` over the defaults, and what would run for it. */
export function aSubject(
  spec: Parameters<typeof aServer>[0] = {},
  metadata: Partial<MCPServer['metadata']> = {},
): Subject {
  return subjectOf(aServer(spec, metadata), NAMESPACE, DEFAULT_RENDER_SETTINGS);
}

/** A server elsewhere. */
export function aRemoteSubject(url?: string, spec?: Parameters<typeof aRemoteServer>[1]): Subject {
  return subjectOf(aRemoteServer(url, spec), NAMESPACE, DEFAULT_RENDER_SETTINGS);
}

/** A policy as the API server returns it: for every namespace, and enforced, unless `spec` says otherwise. */
export function aPolicy(spec: MCPSecurityPolicyManifest['spec'], name = 'strict'): MCPSecurityPolicy {
  return defaultMCPSecurityPolicy({ metadata: { name }, spec });
}
