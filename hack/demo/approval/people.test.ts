import { describe, expect, it } from 'vitest';
import { ALICE, inTheHandsOf, refusalOf } from './people.ts';

describe('kubectl in the hands of somebody', () => {
  it('speaks with their name and groups', async () => {
    const calls: (readonly string[])[] = [];
    const kubectl = inTheHandsOf(ALICE, async (args, input) => {
      calls.push(args);
      return input ?? '';
    });
    expect(await kubectl(['create', '-f', '-'], 'manifest')).toBe('manifest');
    expect(calls).toEqual([
      ['create', '-f', '-', '--as=alice', '--as-group=developers', '--as-group=security-reviewers'],
    ]);
  });
});

describe('what somebody is told who may not', () => {
  const refused = (text: string) => Promise.reject(new Error(`kubectl create ended with 1:\n${text}`));

  it('comes without the line about the program', async () => {
    const text = 'Error from server (Forbidden): you asked for this';
    expect(await refusalOf(refused(text), 'you asked for this')).toBe(text);
  });

  it.each([
    ['let through', () => Promise.resolve('approvaldecision created\n'), 'was let through'],
    ['refused otherwise', () => refused('connection refused'), 'for another reason: connection refused'],
  ])('is an error when it was %s', async (_reason, attempt, words) => {
    await expect(refusalOf(attempt(), 'you asked for this')).rejects.toThrow(words);
  });
});
