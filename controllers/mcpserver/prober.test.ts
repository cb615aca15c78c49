import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../core/logger.ts';
import { nextTurn } from '../../core/next-turn.ts';
import { FakeClock } from '../../core/testing/fake-clock.ts';
import { keyOf, type ObjectKey } from '../../operator/runtime/index.ts';
import { aServer } from '../../render/testing/a-server.ts';
import type { ProbeResult } from './probe-memory.ts';
import { Prober, type ProbeJob } from './prober.ts';
import { VERIFIED } from './testing/builders.ts';

const known = (subject = 's') => ({ subject, templateHash: 'current', readyRuns: ['a/0'] });

/** A prober whose questions wait for an answer. */
function aProber(concurrency = 2) {
  const results: string[] = [];
  const enqueued: string[] = [];
  const asked: { readonly name: string; readonly signal: AbortSignal; answer(result: ProbeResult): void }[] =
    [];
  const prober = new Prober({
    concurrency,
    clock: new FakeClock(),
    random: () => 0,
    logger: silentLogger,
    onResult: ({ kind }) => results.push(kind),
  });
  const stop = prober.watch().start((key: ObjectKey) => enqueued.push(key.name));
  const server = (name: string) => aServer({}, { name });
  const job = (name: string): ProbeJob => ({
    server: server(name),
    run: 'a/0',
    readyRuns: ['a/0'],
    request: undefined,
    ask: (signal) => new Promise((resolve) => asked.push({ name, signal, answer: resolve })),
  });
  const begin = (name: string): void => {
    prober.recall(server(name), known());
    prober.start(job(name));
  };
  return { prober, stop, server, job, begin, results, enqueued, asked };
}

describe('Prober', () => {
  it('remembers what a server answered, and has it reconciled', async () => {
    const { prober, begin, server, asked, enqueued, results } = aProber();
    begin('one');
    await nextTurn();
    expect(prober.isRunning(keyOf(server('one')))).toBe(true);
    asked[0]?.answer(VERIFIED);
    await nextTurn();
    expect(prober.recall(server('one'), known())).toMatchObject({ settled: VERIFIED, lastRun: 'a/0' });
    expect([enqueued, results, prober.isRunning(keyOf(server('one')))]).toEqual([
      ['one'],
      ['verified'],
      false,
    ]);
  });

  it('asks one server once at a time, and not more servers than it may', async () => {
    const { begin, job, prober, asked } = aProber(2);
    for (const name of ['one', 'two', 'three']) begin(name);
    prober.start(job('one'));
    await nextTurn();
    expect(asked.map(({ name }) => name)).toEqual(['one', 'two']);
    asked[0]?.answer(VERIFIED);
    await nextTurn();
    expect(asked.map(({ name }) => name)).toEqual(['one', 'two', 'three']);
  });

  it('says nothing about a server that could not be asked', async () => {
    const { prober, server, enqueued } = aProber();
    const one = server('one');
    prober.recall(one, known());
    const ask = () => Promise.reject(new Error('the API server is away'));
    prober.start({ server: one, run: 'a/0', readyRuns: ['a/0'], request: undefined, ask });
    await nextTurn();
    expect(prober.recall(one, known())).toMatchObject({
      settled: undefined,
      misses: 0,
      unsettled: 1,
      dueMs: 1000,
    });
    expect(enqueued).toEqual(['one']);
  });

  it('ends a probe of what is no more, and drops its answer', async () => {
    const { prober, begin, server, asked, results } = aProber();
    begin('one');
    await nextTurn();
    expect(prober.recall(server('one'), known('other')).settled).toBeUndefined();
    expect(asked[0]?.signal.aborted).toBe(true);
    asked[0]?.answer(VERIFIED);
    await nextTurn();
    expect(prober.recall(server('one'), known('other')).settled).toBeUndefined();
    expect(results).toEqual([]);
  });

  it('says what it learned of the protocol before the status does', async () => {
    const { prober, begin, server, asked } = aProber();
    begin('one');
    expect(prober.informed(server('one'))).toEqual(server('one'));
    await nextTurn();
    asked[0]?.answer(VERIFIED);
    await nextTurn();
    expect(prober.informed(server('one')).status).toEqual({ protocol: VERIFIED.protocol });
  });

  it('forgets a server that is gone', async () => {
    const { prober, begin, server, asked } = aProber();
    begin('one');
    await nextTurn();
    prober.forget(keyOf(server('one')));
    asked[0]?.answer(VERIFIED);
    await nextTurn();
    expect(prober.recall(server('one'), known()).settled).toBeUndefined();
  });

  it('ends every probe when it is stopped, and asks for nothing more', async () => {
    const { begin, stop, asked, enqueued } = aProber(1);
    begin('one');
    begin('two');
    await nextTurn();
    stop();
    expect(asked[0]?.signal.aborted).toBe(true);
    asked[0]?.answer(VERIFIED);
    await nextTurn();
    expect([asked.length, enqueued]).toEqual([1, []]);
  });
});
