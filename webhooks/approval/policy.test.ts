import { describe, expect, it } from 'vitest';
import { validateApprovalPolicy as validateSchema, type ApprovalPolicySpec } from '../../api/index.ts';
import { aRequest } from '../testing/requests.ts';
import { approvalPolicyProblems, validateApprovalPolicy } from './policy.ts';

const NEVER = new AbortController().signal;
const policy = (spec: object): object => ({
  apiVersion: 'mcp.kilocode.ai/v1alpha1',
  kind: 'ApprovalPolicy',
  metadata: { name: 'prod' },
  spec,
});

function specOf(spec: object): ApprovalPolicySpec {
  const validation = validateSchema(policy(spec));
  if (!validation.valid) throw new Error(JSON.stringify(validation.errors));
  return validation.object.spec;
}

describe('a policy', () => {
  it.each<[string, object]>([
    ['of defaults alone', {}],
    ['with a weekend', { freeze: [{ schedule: '0 18 * * 5', timeZone: 'Europe/Berlin', duration: '62h' }] }],
    ['with nights', { freeze: [{ schedule: '0 18 * * *', duration: '12h' }] }],
    ['with a year change', { freeze: [{ schedule: '0 0 20 12 *', duration: '20d' }] }],
    [
      'of namespaces',
      { namespaceSelector: { matchExpressions: [{ key: 'env', operator: 'In', values: ['prod'] }] } },
    ],
  ])('%s comes in', async (_reason, spec) => {
    expect(approvalPolicyProblems(specOf(spec))).toEqual([]);
    expect(await validateApprovalPolicy(aRequest(policy(specOf(spec))), NEVER)).toEqual({});
  });

  it.each<[string, object, string, string]>([
    [
      'with a schedule that means nothing',
      { freeze: [{ schedule: '99 18 * * 5', duration: '62h' }] },
      'spec.freeze[0].schedule',
      'cannot be understood',
    ],
    [
      'with a time zone that is nowhere',
      { freeze: [{ schedule: '0 18 * * 5', timeZone: 'Europe/Atlantis', duration: '62h' }] },
      'spec.freeze[0].schedule',
      'there is no time zone',
    ],
    [
      'that is always frozen',
      { freeze: [{ schedule: '0 18 * * *', duration: '24h' }] },
      'spec.freeze[0].duration',
      'never ends',
    ],
    [
      'that is always frozen, by the minute',
      { freeze: [{ schedule: '* * * * *', duration: '1m' }] },
      'spec.freeze[0].duration',
      'never ends',
    ],
    [
      'of namespaces that cannot be told',
      { namespaceSelector: { matchExpressions: [{ key: 'env', operator: 'In' }] } },
      'spec.namespaceSelector.matchExpressions[0]',
      'needs values',
    ],
  ])('%s does not come in', async (_reason, spec, path, words) => {
    const { denial } = await validateApprovalPolicy(aRequest(policy(specOf(spec))), NEVER);
    expect(denial?.code).toBe(422);
    expect(denial?.details?.causes.map(({ field }) => field)).toEqual([path]);
    expect(denial?.message).toContain(words);
  });
});
