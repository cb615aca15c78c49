import { describe, expect, it } from 'vitest';
import { grantOfVerb, grantedVerbs, type PolicyRule } from './authority.ts';

const rule = (change: PolicyRule = {}): PolicyRule => ({
  apiGroups: ['mcp.kilocode.ai'],
  resources: ['approvalpolicies'],
  verbs: ['approve', 'deny'],
  ...change,
});

describe('the verbs that a rule grants', () => {
  it.each<[string, PolicyRule, readonly string[]]>([
    ['the two that it names', rule(), ['approve', 'deny']],
    ['one among those of other things', rule({ verbs: ['get', 'override'] }), ['override']],
    ['all by a *', rule({ verbs: ['*'] }), ['approve', 'deny', 'cancel', 'override']],
    ['those of one policy', rule({ resourceNames: ['prod'] }), ['approve', 'deny']],
    ['none to read policies', rule({ verbs: ['get', 'list', 'watch'] }), []],
    ['none on another resource', rule({ resources: ['approvalrequests'] }), []],
    ['none on a subresource', rule({ resources: ['approvalpolicies/status'] }), []],
    ['none in another group', rule({ apiGroups: [''] }), []],
    ['none by a path', { verbs: ['*'] }, []],
    ['none when empty', {}, []],
  ])('are %s', (_reason, given, verbs) => {
    expect(grantedVerbs(given)).toEqual(verbs);
  });

  it.each<[PolicyRule, 'named' | 'wildcard' | undefined]>([
    [rule(), 'named'],
    [rule({ verbs: ['approve', '*'] }), 'named'],
    [rule({ verbs: ['*'] }), 'wildcard'],
    [rule({ resources: ['*'] }), 'wildcard'],
    [rule({ apiGroups: ['*'] }), 'wildcard'],
    [rule({ verbs: ['deny'] }), undefined],
  ])('%j grants approve: %s', (given, grant) => {
    expect(grantOfVerb(given, 'approve')).toBe(grant);
  });
});
