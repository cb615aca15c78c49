import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../core/testing/fake-clock.ts';
import type { Kubectl } from './kubectl.ts';
import { waitForSamples } from './samples.ts';

const noServers: Kubectl = () => Promise.resolve('{"items": []}');
const never = new AbortController().signal;

describe('waitForSamples', () => {
  it('gives up after its deadline and names what is not as promised', async () => {
    const clock = new FakeClock();
    const waiting = waitForSamples(noServers, { clock, progress: () => undefined, signal: never });
    const outcome = expect(waiting).rejects.toThrow(
      /^after 180 s .*everything Ready=unknown, modern Ready=unknown, broken/,
    );
    await clock.advance(190_000);
    await outcome;
  });

  it('says meanwhile what it waits for', async () => {
    const clock = new FakeClock();
    const said: string[] = [];
    const abort = new AbortController();
    const waiting = waitForSamples(noServers, {
      clock,
      progress: (text) => said.push(text),
      signal: abort.signal,
    });
    const outcome = expect(waiting).rejects.toThrow('enough');
    await clock.advance(2_500);
    abort.abort(new Error('enough'));
    await outcome;
    expect(said).toHaveLength(3);
    expect(said[0]).toContain('waiting for everything Ready=unknown');
  });
});
