import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../core/testing/fake-clock.ts';
import { ApiError, GoneError } from './api-error.ts';
import { splitLines, watchEvents, withInactivityLimit } from './watch-stream.ts';

async function* chunks(...texts: readonly (string | Buffer)[]): AsyncGenerator<Buffer> {
  for (const text of texts) yield await Promise.resolve(Buffer.from(text));
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

const lines = async (...texts: readonly (string | Buffer)[]) =>
  (await collect(splitLines(chunks(...texts), 100))).map((line) => line.toString());

describe('lines', () => {
  it.each([
    ['one a chunk', ['a\n', 'b\n'], ['a', 'b']],
    ['several in a chunk', ['a\nb\nc\n'], ['a', 'b', 'c']],
    ['one in several chunks', ['a', 'b', 'c\nd', '\n'], ['abc', 'd']],
    ['empty ones', ['\n\na\n'], ['', '', 'a']],
    ['a cut one, which is dropped', ['a\nhalf'], ['a']],
    ['none', [], []],
  ])('%s', async (_name, texts, expected) => {
    expect(await lines(...texts)).toEqual(expected);
  });

  it('keep a character together that two chunks share', async () => {
    const bytes = Buffer.from('grün\n');
    expect(await lines(bytes.subarray(0, 3), bytes.subarray(3))).toEqual(['grün']);
  });

  it('are not collected without end', async () => {
    await expect(lines('x'.repeat(60), 'x'.repeat(60))).rejects.toThrow(/larger than 100 bytes/);
  });
});

describe('events', () => {
  const event = (type: string, object: unknown): string => `${JSON.stringify({ type, object })}\n`;
  const events = (...texts: readonly string[]) => collect(watchEvents(chunks(...texts), 10_000));

  it('are told from bookmarks', async () => {
    const object = { metadata: { name: 'a', resourceVersion: '5' } };
    expect(
      await events(event('ADDED', object), event('BOOKMARK', { metadata: { resourceVersion: '9' } })),
    ).toEqual([
      { type: 'ADDED', object },
      { type: 'BOOKMARK', resourceVersion: '9' },
    ]);
  });

  it('end in the error that the server names', async () => {
    const gone = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' };
    await expect(events(event('ERROR', gone))).rejects.toThrow(GoneError);
    await expect(events(event('ERROR', { code: 500, message: 'etcd' }))).rejects.toThrow(ApiError);
  });

  it.each([
    ['a line that is not JSON', 'oops\n', /not JSON/],
    ['an unknown type', '{"type":"SURPRISE"}\n', /unknown type/],
  ])('end with %s, so that the watch is opened anew', async (_name, text, message) => {
    await expect(events(text)).rejects.toThrow(message);
  });
});

describe('the inactivity limit', () => {
  it('starts anew with every chunk', async () => {
    const clock = new FakeClock();
    let quiet = 0;
    let push: (text: string) => void = () => undefined;
    const source = {
      async *[Symbol.asyncIterator]() {
        for (;;) yield Buffer.from(await new Promise<string>((resolve) => (push = resolve)));
      },
    };
    const limited = withInactivityLimit(source, clock, 1_000, () => (quiet += 1));
    for (const text of ['a', 'b']) {
      const next = limited.next();
      await clock.advance(900);
      push(text);
      expect((await next).value?.toString()).toBe(text);
    }
    expect(quiet).toBe(0);
    void limited.next();
    await clock.advance(1_100);
    expect(quiet).toBe(1);
  });

  it('leaves no timer behind', async () => {
    const clock = new FakeClock();
    await collect(withInactivityLimit(chunks('a'), clock, 1_000, () => undefined));
    expect(clock.pendingTimers).toBe(0);
  });
});
