import { afterEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../../core/testing/fake-clock.ts';
import type { JsonSchema } from '../../../api/schema/json-schema.ts';
import { createRuleJudge, type RuleJudge } from './judge.ts';

const items = { type: 'integer' };
const rule = (text: string, message: string): JsonSchema => ({
  type: 'object',
  properties: {
    list: { type: 'array', items, 'x-kubernetes-validations': [{ rule: text, message }] },
  },
});
/** Five nested loops: for a list of 200 they would take years. */
const ENDLESS = 'self.all(a, self.all(b, self.all(c, self.all(d, self.all(e, a + b + c + d + e >= 0)))))';
/** A list of lists of lists ... */
const HUGE = 'self.map(a, self.map(b, self.map(c, self.map(d, a + b + c + d)))).size() > 0';
const schemas = {
  Quick: rule('self.size() < 3', 'at most two'),
  Endless: rule(ENDLESS, 'nothing below zero'),
  Huge: rule(HUGE, 'something'),
};
const LONG = Array.from({ length: 200 }, (_, index) => index);
const request = (kind: keyof typeof schemas, list: readonly number[]) => ({
  kind,
  value: { list },
  broken: [],
});
const never = new AbortController().signal;

let judge: RuleJudge;
afterEach(() => judge.close());

describe('createRuleJudge', () => {
  it('judges one object after the other', async () => {
    judge = createRuleJudge({ schemas, deadlineMs: 60_000 });
    expect(await judge.judge(request('Quick', [1, 2]), never)).toEqual([]);
    expect(await judge.judge(request('Quick', [1, 2, 3]), never)).toEqual([
      { path: 'list', message: 'at most two' },
    ]);
  });

  it('stops a rule at the deadline, names it, and goes on with the next object', async () => {
    const clock = new FakeClock();
    judge = createRuleJudge({ schemas, deadlineMs: 10_000, clock });
    await judge.judge(request('Quick', []), never);
    const verdict = judge.judge(request('Endless', LONG), never);
    await clock.advance(10_000);
    expect(await verdict).toEqual([
      {
        path: 'list',
        message:
          'the rule "nothing below zero" was stopped, and those after it were not asked: it took longer than 10 s',
      },
    ]);
    expect(await judge.judge(request('Quick', []), never)).toEqual([]);
  });

  it('stops a rule that takes all memory, and names it', async () => {
    judge = createRuleJudge({ schemas, deadlineMs: 60_000, memoryMiB: 32 });
    expect(await judge.judge(request('Huge', LONG), never)).toEqual([
      {
        path: 'list',
        message: expect.stringMatching(/^the rule "something" was stopped.* memory/) as string,
      },
    ]);
  });

  it('ends with the reason of a signal', async () => {
    judge = createRuleJudge({ schemas, deadlineMs: 60_000, clock: new FakeClock() });
    const stop = new AbortController();
    await judge.judge(request('Quick', []), stop.signal);
    const verdict = judge.judge(request('Endless', LONG), stop.signal);
    stop.abort(new Error('interrupted'));
    await expect(verdict).rejects.toThrow('interrupted');
    await expect(judge.judge(request('Quick', []), stop.signal)).rejects.toThrow('interrupted');
    expect(await judge.judge(request('Quick', []), never)).toEqual([]);
  });
});
