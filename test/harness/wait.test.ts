import { describe, expect, it } from 'vitest';
import { waitFor } from './wait.ts';

describe('waitFor', () => {
  it('returns the first thing that is there', async () => {
    let looks = 0;
    const seen = await waitFor(() => ((looks += 1) < 3 ? undefined : 'there'), { intervalMs: 1 });
    expect([seen, looks]).toEqual(['there', 3]);
  });

  it('takes an error for "not yet" and shows the last one when the deadline passes', async () => {
    const look = (): never => {
      throw new Error('two replicas are missing');
    };
    await expect(waitFor(look, { deadlineMs: 5, intervalMs: 1, description: 'the rollout' })).rejects.toThrow(
      'waited 5 ms for the rollout in vain; last: two replicas are missing',
    );
  });
});
