import { describe, expect, it } from 'vitest';
import { defaultMCPSecurityPolicy } from '../../api/index.ts';
import type { Subject } from '../../checks/index.ts';
import { TransientError } from '../../core/errors.ts';
import { DEFAULT_RENDER_SETTINGS } from '../../render/index.ts';
import { aServer } from '../../render/testing/a-server.ts';
import { MalformedReviewError, type AdmissionRequest } from '../admission/review.ts';
import type { Facts } from '../facts.ts';
import { ALICE, aRequest, anUpdate, BOB } from '../testing/requests.ts';
import { stampBy } from '../stamps/admission.ts';
import { validateScale, validateServer } from './admission.ts';
import type { EvaluatePolicy } from './judge.ts';

const NEVER = new AbortController().signal;
const SETTINGS = { executor: 'system:serviceaccount:mcp-system:executor', personKey: '' };
const STAMPS = {
  annotations: {
    'mcp.kilocode.ai/created-by': JSON.stringify(ALICE),
    'mcp.kilocode.ai/changed-by': JSON.stringify([ALICE]),
  },
};
const stamped = (replicas: number, metadata = {}) => aServer({ replicas }, { ...STAMPS, ...metadata });

const facts: Facts = {
  policies: () => [defaultMCPSecurityPolicy({ metadata: { name: 'strict' }, spec: {} })],
  namespace: async (name) => ({ name, labels: { stage: 'prod' } }),
  server: async () => aServer({ replicas: 7 }),
};

/** Allows three replicas, and remembers what it was shown. */
function setup(change: Partial<Facts> = {}) {
  const seen: Subject[] = [];
  const evaluate: EvaluatePolicy = ({ metadata: { name: policy } }, subject) => {
    seen.push(subject);
    const { replicas } = subject.server.spec;
    const message = `There are ${replicas}.`;
    const finding = {
      rule: 'maxReplicas',
      severity: 'low',
      path: 'spec.replicas',
      value: String(replicas),
    } as const;
    return replicas <= 3 ? [] : [{ policy, ...finding, message, fix: 'Have fewer.' }];
  };
  const dependencies = {
    facts: { ...facts, ...change },
    rendering: DEFAULT_RENDER_SETTINGS,
    evaluate,
    stamps: SETTINGS,
  };
  return { seen, ofServer: validateServer(dependencies), ofScale: validateScale(dependencies) };
}

const message = async (answer: Promise<{ denial?: { message: string } }>): Promise<string | undefined> =>
  (await answer).denial?.message;

describe('stamping', () => {
  it('patches what is missing, and nothing when all is there', async () => {
    expect((await stampBy(SETTINGS)(aRequest(aServer()), NEVER)).patch).toHaveLength(1);
    expect((await stampBy(SETTINGS)(aRequest(stamped(1)), NEVER)).patch).toEqual([]);
  });

  it.each<[string, object]>([
    ['no spec', { metadata: { name: 'github' } }],
    ['a spec that is none', { metadata: { name: 'github' }, spec: 7 }],
    ['metadata without anything', { metadata: {}, spec: {} }],
  ])('is not stopped by %s: the schema is judged later', async (_reason, object) => {
    expect((await stampBy(SETTINGS)(aRequest(object), NEVER)).patch).toHaveLength(1);
  });
});

describe('a server', () => {
  it('is judged as it would run, in its namespace', async () => {
    const { seen, ofServer } = setup();
    expect(await ofServer(aRequest(stamped(2)), NEVER)).toEqual({ warnings: [] });
    expect(seen).toHaveLength(1);
    expect(seen[0]?.namespace).toEqual({ name: 'team-a', labels: { stage: 'prod' } });
    expect(seen[0]?.workload?.deployment.spec.replicas).toBe(2);
  });

  it('is refused when it is created, or changed, to break a rule', async () => {
    const { ofServer } = setup();
    expect(await message(ofServer(aRequest(stamped(4)), NEVER))).toContain('There are 4.');
    expect(await message(ofServer(anUpdate(stamped(4), stamped(5)), NEVER))).toContain('There are 5.');
    expect(
      await message(ofServer(anUpdate(stamped(4), stamped(4, { labels: { a: 'b' } })), NEVER)),
    ).toBeUndefined();
  });

  it.each<[string, AdmissionRequest, boolean]>([
    ['nobody, when it is created', aRequest(aServer()), false],
    ['somebody else, when it is created', aRequest(stamped(1), { user: BOB }), false],
    ['its creator', aRequest(stamped(1)), true],
    ['whom it names already, when its spec stays', anUpdate(stamped(1), stamped(1), { user: BOB }), true],
    [
      'the stored persons, when another webhook changed its spec',
      anUpdate(stamped(1), stamped(2), { user: BOB }),
      true,
    ],
    ['nobody, when it is changed', anUpdate(stamped(1), aServer(), { user: BOB }), false],
    ['nobody, and never did', anUpdate(aServer(), aServer(), { user: BOB }), true],
    ['whoever forges the stamps', anUpdate(aServer(), stamped(1), { user: BOB }), false],
  ])('may name %s', async (_reason, request, isAccepted) => {
    const refusal = await message(setup().ofServer(request, NEVER));
    if (isAccepted) expect(refusal).toBeUndefined();
    else expect(refusal).toContain('who writes this MCPServer was not recorded');
  });

  it('is judged by the namespace of the request, whatever it says itself', async () => {
    const { seen, ofServer } = setup();
    await ofServer(aRequest(stamped(1, { namespace: 'kube-system' })), NEVER);
    expect(seen[0]?.server.metadata.namespace).toBe('team-a');
    expect(seen[0]?.workload?.service.metadata.namespace).toBe('team-a');
  });

  it('without a spec is nothing to judge', async () => {
    const nothing = { metadata: stamped(1).metadata };
    await expect(setup().ofServer(aRequest(nothing), NEVER)).rejects.toThrow(MalformedReviewError);
  });

  it('is not judged without policies', async () => {
    const policies = (): never => {
      throw new TransientError('not yet');
    };
    await expect(setup({ policies }).ofServer(aRequest(stamped(1)), NEVER)).rejects.toThrow('not yet');
    await expect(setup({ policies }).ofScale(aRequest(scale(1)), NEVER)).rejects.toThrow('not yet');
  });
});

const scale = (replicas?: number): object => ({
  metadata: { name: 'github' },
  spec: replicas === undefined ? {} : { replicas },
});

describe('a change of scale', () => {
  const change = (from: number | undefined, to: number | undefined) =>
    anUpdate(scale(from), scale(to), { resource: 'mcpservers/scale' });

  it('is judged by the replicas that it asks for, not by those of the cache', async () => {
    const { seen, ofScale } = setup();
    expect(await message(ofScale(change(1, 4), NEVER))).toContain('There are 4.');
    expect(await message(ofScale(change(9, 3), NEVER))).toBeUndefined();
    expect(seen.map(({ server }) => server.spec.replicas)).toEqual([4, 1, 3]);
    expect(seen[0]?.workload?.deployment.spec.replicas).toBe(4);
  });

  it('to zero has no number', async () => {
    const { seen, ofScale } = setup();
    await ofScale(change(1, undefined), NEVER);
    expect(seen.map(({ server }) => server.spec.replicas)).toEqual([0]);
  });

  it.each([{}, { spec: { replicas: 'many' } }])('%j is nothing to judge', async (object) => {
    await expect(setup().ofScale(anUpdate(scale(1), object), NEVER)).rejects.toThrow(MalformedReviewError);
  });
});
