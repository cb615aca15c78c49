import { describe, expect, it } from 'vitest';
import type { MCPSecurityPolicyManifest } from '../../api/index.ts';
import { aPolicy, aSubject } from '../testing/subjects.ts';
import { policySelects, selectorProblems } from './selection.ts';

type Spec = MCPSecurityPolicyManifest['spec'];

// The namespace is team-a, of production.
const subject = aSubject({}, { labels: { tier: 'internal' } });
const selects = (spec: Spec): boolean => policySelects(aPolicy(spec), subject);
const problems = (spec: Spec) => selectorProblems(aPolicy(spec).spec);
const broken = { matchExpressions: [{ key: 'environment', operator: 'Is' }] };
const impossible = {
  matchLabels: { environment: 'production' },
  matchExpressions: [{ key: 'environment', operator: 'NotIn', values: ['production'] }],
};

describe('a policy selects', () => {
  it.each<{ reason: string; spec: Spec; expected: boolean }>([
    { reason: 'everything by default', spec: {}, expected: true },
    {
      reason: 'by labels of the namespace',
      spec: { namespaceSelector: { matchLabels: { environment: 'production' } } },
      expected: true,
    },
    {
      reason: 'no other namespace',
      spec: { namespaceSelector: { matchLabels: { environment: 'test' } } },
      expected: false,
    },
    {
      reason: 'by the name of the namespace',
      spec: {
        namespaceSelector: {
          matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['team-a'] }],
        },
      },
      expected: false,
    },
    {
      reason: 'by labels of the server',
      spec: { enforcement: 'Warn', serverSelector: { matchLabels: { tier: 'internal' } } },
      expected: true,
    },
    {
      reason: 'no other server',
      spec: { enforcement: 'Warn', serverSelector: { matchLabels: { tier: 'public' } } },
      expected: false,
    },
    {
      reason: 'by both',
      spec: {
        enforcement: 'Audit',
        namespaceSelector: { matchLabels: { environment: 'test' } },
        serverSelector: { matchLabels: { tier: 'internal' } },
      },
      expected: false,
    },
    {
      reason: 'whatever the labels of the server are when it is enforced',
      spec: { serverSelector: { matchLabels: { tier: 'public' } } },
      expected: true,
    },
    {
      reason: 'what a demand that nobody understands might select',
      spec: { namespaceSelector: broken },
      expected: true,
    },
    {
      reason: 'but not what the other demands rule out',
      spec: { namespaceSelector: { ...broken, matchLabels: { environment: 'test' } } },
      expected: false,
    },
    {
      reason: 'what demands that contradict each other might have meant',
      spec: { namespaceSelector: impossible },
      expected: true,
    },
    {
      reason: 'nothing by a contradiction that nobody relies on',
      spec: { enforcement: 'Warn', namespaceSelector: impossible },
      expected: false,
    },
  ])('$reason: $expected', ({ spec, expected }) => {
    expect(selects(spec)).toBe(expected);
  });
});

describe('a problem of selectors', () => {
  it.each<{ reason: string; spec: Spec; path: string; message: RegExp }>([
    {
      reason: 'namespaceSelector',
      spec: { namespaceSelector: broken },
      path: 'spec.namespaceSelector.matchExpressions[0]',
      message: /^the operator "Is" does not exist/,
    },
    {
      reason: 'serverSelector',
      spec: { enforcement: 'Audit', serverSelector: broken },
      path: 'spec.serverSelector.matchExpressions[0]',
      message: /^the operator "Is" does not exist/,
    },
    {
      reason: 'contradiction',
      spec: { namespaceSelector: impossible },
      path: 'spec.namespaceSelector',
      message:
        /^contradicts itself about the label environment, .* remove one of its conditions on environment$/,
    },
    {
      reason: 'labels that tenants write',
      spec: { serverSelector: {} },
      path: 'spec.serverSelector',
      message:
        /^cannot be used with enforcement Enforce, .*: use namespaceSelector, or enforcement Warn or Audit$/,
    },
  ])('$reason', ({ spec, path, message }) => {
    expect(problems(spec)).toEqual([{ path, message: expect.stringMatching(message) }]);
  });

  it.each<{ reason: string; spec: Spec }>([
    { reason: 'everything', spec: {} },
    {
      reason: 'a contradiction that nobody relies on',
      spec: { enforcement: 'Audit', namespaceSelector: impossible, serverSelector: impossible },
    },
    {
      reason: 'labels of servers, to warn',
      spec: { enforcement: 'Warn', serverSelector: { matchLabels: { tier: 'public' } } },
    },
  ])('is none: $reason', ({ spec }) => {
    expect(problems(spec)).toEqual([]);
  });
});
