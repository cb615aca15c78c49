import { expect, it } from 'vitest';
import { defaultMCPSecurityPolicy } from '../../api/index.ts';
import { MalformedReviewError } from '../admission/review.ts';
import { aRequest } from '../testing/requests.ts';
import { validatePolicy, type FindProblems } from './admission.ts';

const NEVER = new AbortController().signal;
const policy = defaultMCPSecurityPolicy({
  metadata: { name: 'strict' },
  spec: { network: { denyCIDRs: ['x'] } },
});
const judge = (problemsOf: FindProblems, object: object = policy) =>
  validatePolicy(problemsOf)(aRequest(object, { namespace: '', name: 'strict' }), NEVER);
const problem = (number: number) => ({ path: `spec.network.denyCIDRs[${number}]`, message: 'is no range.' });

it('lets in a policy that can be evaluated', async () => {
  expect(await judge(({ network }) => (network?.denyCIDRs?.[0] === 'x' ? [] : [problem(0)]))).toEqual({});
});

it('refuses one that cannot, with every place', async () => {
  const { denial } = await judge(() => [problem(0), problem(1)]);
  expect(denial).toEqual({
    code: 422,
    reason: 'Invalid',
    message:
      'MCPSecurityPolicy strict cannot be evaluated:' +
      '\n- spec.network.denyCIDRs[0]: is no range.\n- spec.network.denyCIDRs[1]: is no range.',
    details: {
      group: 'mcp.kilocode.ai',
      kind: 'MCPSecurityPolicy',
      name: 'strict',
      causes: [0, 1].map((number) => ({
        reason: 'FieldValueInvalid',
        field: problem(number).path,
        message: 'is no range.',
      })),
    },
  });
});

it('counts what it does not show', async () => {
  const { denial } = await judge(() => Array.from({ length: 256 }, (_, number) => problem(number)));
  expect(denial?.message).toMatch(/\n- and 224 more$/);
  expect(denial?.details?.causes).toHaveLength(32);
});

it('refuses to judge what is no policy', async () => {
  await expect(judge(() => [], { metadata: {} })).rejects.toThrow(MalformedReviewError);
});
