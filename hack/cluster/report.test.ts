import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../core/testing/fake-clock.ts';
import { seconds, streamReporter } from './report.ts';

/** A log file as a stream: not a terminal. */
function log(): { readonly stream: NodeJS.WriteStream; readonly text: () => string } {
  let text = '';
  const stream = Object.assign(Object.create(process.stderr), {
    isTTY: false,
    write: (chunk: string) => {
      text += chunk;
      return true;
    },
  });
  return { stream, text: () => text };
}

describe('streamReporter', () => {
  it('writes one line a part, with its result and its duration', async () => {
    const { stream, text } = log();
    const clock = new FakeClock();
    const result = await streamReporter(stream, clock).step('etcd', async (progress) => {
      progress('from the cache');
      await clock.advance(1500);
      return 42;
    });
    expect(result).toBe(42);
    expect(text()).toBe('  etcd: from the cache (1.5 s)\n');
  });

  it('shows signs of life of a long part, but not more than one in ten seconds', async () => {
    const { stream, text } = log();
    const clock = new FakeClock();
    await streamReporter(stream, clock).step('kubelet', async (progress) => {
      for (let packages = 1; packages <= 25; packages += 1) {
        await clock.advance(1000);
        progress(`${packages} packages`);
      }
    });
    expect(text().split('\n')).toEqual([
      '  kubelet: 10 packages',
      '  kubelet: 20 packages',
      '  kubelet: 25 packages (25.0 s)',
      '',
    ]);
  });

  it('passes errors on', async () => {
    const { stream, text } = log();
    const failing = streamReporter(stream, new FakeClock()).step('etcd', () =>
      Promise.reject(new Error('no disk')),
    );
    await expect(failing).rejects.toThrow('no disk');
    expect(text()).toBe('  etcd: failed after 0.0 s\n');
  });
});

describe('seconds', () => {
  it('has one digit', () => expect(seconds(12_345)).toBe('12.3 s'));
});
