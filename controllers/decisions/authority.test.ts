import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../core/logger.ts';
import { FakeClock } from '../../core/testing/fake-clock.ts';
import type { KubernetesClient, KubernetesObject } from '../../operator/runtime/index.ts';
import { createAuthority, type AuthorityQuestion } from './authority.ts';

const NEVER = new AbortController().signal;
const QUESTION: AuthorityQuestion = {
  who: { username: 'bob', uid: '', groups: ['approvers'], extra: { team: ['a'] } },
  verb: 'approve',
  namespace: 'team-a',
  policies: ['prod', 'base'],
};

/** An API server that knows who may do what, by the name of the policy. */
function reviewing(allowed: Readonly<Record<string, boolean | Error>>) {
  const specs: Readonly<Record<string, unknown>>[] = [];
  const create = (_type: unknown, object: KubernetesObject): Promise<unknown> => {
    const { spec } = object as KubernetesObject & { spec: { resourceAttributes: { name: string } } };
    specs.push(spec);
    const answer = allowed[spec.resourceAttributes.name];
    return answer instanceof Error
      ? Promise.reject(answer)
      : Promise.resolve({ status: { allowed: answer } });
  };
  // A boundary: only this method is used.
  return { client: { create } as unknown as KubernetesClient, specs };
}

describe('authority', () => {
  const clock = new FakeClock();
  const over = (client: KubernetesClient, rememberMs = 0) =>
    createAuthority({ client, clock, logger: silentLogger, rememberMs });

  it('is held when it is held on each of the policies', async () => {
    const { client, specs } = reviewing({ prod: true, base: true });
    expect(await over(client).holds(QUESTION, NEVER)).toBe(true);
    expect(specs[0]).toEqual({
      user: 'bob',
      groups: ['approvers'],
      extra: { team: ['a'] },
      resourceAttributes: {
        group: 'mcp.kilocode.ai',
        resource: 'approvalpolicies',
        verb: 'approve',
        name: 'prod',
        namespace: 'team-a',
      },
    });
  });

  it.each<[string, Readonly<Record<string, boolean | Error>>, readonly string[], boolean | undefined]>([
    ['held on one of two policies', { prod: true, base: false }, ['prod', 'base'], false],
    ['asked of no policy', {}, [], false],
    ['not to be asked about', { prod: new Error('away') }, ['prod'], undefined],
  ])('is not held when it is %s', async (_reason, allowed, policies, answer) => {
    expect(await over(reviewing(allowed).client).holds({ ...QUESTION, policies }, NEVER)).toBe(answer);
  });

  it('is asked anew each time, or remembered for as long as is said', async () => {
    const { client, specs } = reviewing({ prod: true });
    const question = { ...QUESTION, policies: ['prod'] };
    const forgetful = over(client);
    await forgetful.holds(question, NEVER);
    await forgetful.holds(question, NEVER);
    expect(specs).toHaveLength(2);
    const remembering = over(client, 5_000);
    await remembering.holds(question, NEVER);
    await remembering.holds(question, NEVER);
    expect(specs).toHaveLength(3);
    await clock.advance(5_000);
    await remembering.holds(question, NEVER);
    expect(specs).toHaveLength(4);
  });
});
