/** Policies, namespaces and rules for tests of what the controller makes of them; the real rules have tests of their own. */
import {
  defaultMCPSecurityPolicy,
  type MCPSecurityPolicy,
  type MCPSecurityPolicyManifest,
} from '../../../api/index.ts';
import type { KubernetesObject } from '../../../operator/runtime/index.ts';
import type { PolicyEngine } from '../engine.ts';
import type { Observed } from '../observed.ts';

export const NOW = Date.parse('2026-06-01T12:00:00Z');

/** The policy `strict`, which wants the label `owner`, as the API server returns it. */
export function aPolicy(
  spec: MCPSecurityPolicyManifest['spec'] = { labels: { required: ['owner'] } },
  metadata: Partial<MCPSecurityPolicy['metadata']> = {},
): MCPSecurityPolicy {
  const name = metadata.name ?? 'strict';
  return defaultMCPSecurityPolicy({
    metadata: { uid: `uid-of-${name}`, generation: 1, ...metadata, name },
    spec,
  });
}

export function aNamespace(name: string, labels: Readonly<Record<string, string>> = {}): KubernetesObject {
  const all = { 'kubernetes.io/metadata.name': name, ...labels };
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, uid: `uid-of-${name}`, labels: all } };
}

/** Rules, and how often they were asked for a verdict. */
export interface CountingEngine extends PolicyEngine {
  readonly asked: () => number;
}

/**
 * Two rules that are easy to foresee: `labels.required`, and `maxReplicas`. Namespaces are selected by `matchLabels`. A policy with
 * a negative number of replicas makes no sense, and one with 666 makes the rules fail.
 */
export function anEngine(): CountingEngine {
  let asked = 0;
  return {
    asked: () => asked,
    policyProblems: ({ maxReplicas = 0 }) =>
      maxReplicas < 0 ? [{ path: 'spec.maxReplicas', message: 'must not be negative' }] : [],
    policySelects: ({ spec }, { namespace }) =>
      Object.entries(spec.namespaceSelector.matchLabels ?? {}).every(
        ([name, value]) => namespace.labels[name] === value,
      ),
    evaluatePolicy: ({ metadata, spec }, { server }) => {
      asked += 1;
      if (spec.maxReplicas === 666) throw new TypeError('a rule has a bug');
      const missing = (spec.labels?.required ?? []).filter((key) => !server.metadata.labels?.[key]);
      const tooMany = server.spec.replicas > (spec.maxReplicas ?? Infinity) ? ['maxReplicas'] : [];
      return [...missing.map(() => 'labels.required'), ...tooMany].map((rule) => ({
        policy: metadata.name,
        rule,
        severity: 'low',
        path: 'metadata.labels',
        value: '',
        message: 'it is wrong',
        fix: 'Make it right.',
      }));
    },
  };
}

/** A policy that is enforced, judges three servers and is broken by one. */
export function anObserved(observed: Partial<Observed> = {}): Observed {
  return {
    policy: aPolicy(),
    evaluation: {
      kind: 'complete',
      matchedServers: 3,
      violatingServers: 1,
      serversByRule: new Map([['labels.required', 1]]),
      dueInMs: 1,
      auditedAtMs: undefined,
    },
    locks: { webhook: true, secondLock: true },
    nowMs: NOW,
    ...observed,
  };
}
