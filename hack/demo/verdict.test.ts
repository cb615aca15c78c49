import { describe, expect, it } from 'vitest';
import { unmet, type Expectation, type ServerView } from './verdict.ts';

const expectations: readonly Expectation[] = [
  { server: 'good', condition: 'Ready', status: 'True' },
  { server: 'bad', condition: 'Verified', status: 'False', reason: 'HTTPError' },
];

function server(
  name: string,
  type: string,
  status: string,
  reason: string,
  observedGeneration = 1,
): ServerView {
  return {
    metadata: { name, generation: 1 },
    status: { observedGeneration, conditions: [{ type, status, reason, message: '' }] },
  };
}

const good = server('good', 'Ready', 'True', 'Verified');
const bad = server('bad', 'Verified', 'False', 'HTTPError');

describe('unmet', () => {
  it.each([
    { reason: 'everything as expected', servers: [good, bad], left: [] },
    { reason: 'a server without status', servers: [bad], left: ['good Ready=unknown'] },
    {
      reason: 'the right status for another reason',
      servers: [good, server('bad', 'Verified', 'False', 'Timeout')],
      left: ['bad Verified=False (Timeout)'],
    },
    {
      reason: 'a status that speaks of an older spec',
      servers: [server('good', 'Ready', 'True', 'Verified', 0), bad],
      left: ['good Ready=unknown'],
    },
    {
      reason: 'a broken server that is Verified after all',
      servers: [good, server('bad', 'Verified', 'True', 'Verified')],
      left: ['bad Verified=True (Verified)'],
    },
  ])('$reason', ({ servers, left }) => {
    expect(unmet(servers, expectations)).toEqual(left);
  });
});
