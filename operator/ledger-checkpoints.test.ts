import { describe, expect, it } from 'vitest';
import type { Logger } from '../core/logger.ts';
import { silentLogger } from '../core/logger.ts';
import { FakeClock } from '../core/testing/fake-clock.ts';
import type { Checkpoint } from '../stores/index.ts';
import { announceStanding, CheckpointConfigMap, createLedgerWatch } from './ledger-checkpoints.ts';
import type { EventDetails, KubernetesObject } from './runtime/index.ts';

const { signal } = new AbortController();
const place = (seq: number): Checkpoint => ({
  chain: 'c',
  seq,
  hash: String(seq),
  at: '2026-01-01T00:00:00Z',
});

/** A cluster that keeps one object. */
function aCluster() {
  let stored: KubernetesObject | undefined;
  return {
    get: () => Promise.resolve(stored as never),
    apply: (_type: unknown, object: KubernetesObject) => {
      stored = object;
      return Promise.resolve(object as never);
    },
    stored: () => JSON.stringify(stored),
    data: () => (stored as { data?: Record<string, string> } | undefined)?.data ?? {},
  };
}

describe('checkpoints in a ConfigMap', () => {
  it('come back, the newest as the last, each once', async () => {
    const cluster = aCluster();
    const sink = new CheckpointConfigMap(cluster, 'mcp-system');
    expect(await sink.last(signal)).toBeUndefined();
    for (const checkpoint of [place(1), place(2), place(2)]) await sink.write(checkpoint, signal);
    expect(await new CheckpointConfigMap(cluster, 'mcp-system').last(signal)).toEqual(place(2));
    expect(cluster.stored().match(/seq/g)).toHaveLength(2);
  });

  it('are not more than fit', async () => {
    const cluster = aCluster();
    const sink = new CheckpointConfigMap(cluster, 'mcp-system');
    for (let seq = 1; seq <= 2_010; seq += 1) await sink.write(place(seq), signal);
    expect(cluster.stored().match(/seq/g)).toHaveLength(2_000);
    expect(cluster.stored().length).toBeLessThan(1024 * 1024);
    expect(await sink.last(signal)).toEqual(place(2_010));
  });
});

describe('checkpoints that begin anew', () => {
  it('keep those that still hold, and the others apart', async () => {
    const cluster = aCluster();
    const sink = new CheckpointConfigMap(cluster, 'mcp-system');
    for (const seq of [1, 2, 9]) await sink.write(place(seq), signal);
    const stillGood = (all: readonly Checkpoint[]) => Promise.resolve(all.filter(({ seq }) => seq <= 2));
    await sink.restart({ ...place(3), hash: 'anew' }, stillGood, signal);
    await sink.write(place(4), signal);
    const seqs = (key: string): unknown[] =>
      (cluster.data()[key] ?? '')
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as Checkpoint).seq);
    expect(seqs('checkpoints')).toEqual([1, 2, 3, 4]);
    expect(seqs('superseded')).toEqual([9]);
    expect(await sink.last(signal)).toEqual(place(4));
  });
});

describe('the watch over the ledger', () => {
  it('takes a checkpoint, tells the place, and logs trouble when it begins', async () => {
    const clock = new FakeClock();
    const errors: string[] = [];
    const logger: Logger = { ...silentLogger, error: (message) => void errors.push(message) };
    const places: number[] = [];
    const standings: string[] = [];
    const cluster = aCluster();
    let isDown = false;
    const watch = createLedgerWatch({
      source: {
        place: () => (isDown ? Promise.reject(new Error('away')) : Promise.resolve(place(7))),
        continuity: () => Promise.resolve('continued'),
      },
      sink: new CheckpointConfigMap(cluster, 'mcp-system'),
      onPlace: (seq) => void places.push(seq),
      onStanding: ({ kind }) => void standings.push(kind),
      clock,
      logger,
    });
    const stop = new AbortController();
    const running = watch.run(stop.signal, stop.signal, { epoch: 1, signal: stop.signal });
    await clock.advance(0);
    expect(cluster.stored()).toContain('\\"seq\\":7');
    isDown = true;
    await clock.advance(60_000);
    expect(errors).toHaveLength(1);
    isDown = false;
    await clock.advance(60_000);
    isDown = true;
    await clock.advance(60_000);
    expect(errors).toHaveLength(2);
    expect(places.length).toBeGreaterThan(2);
    expect(standings).toEqual(['continued', 'unknown', 'continued', 'unknown']);
    isDown = false;
    await clock.advance(60_000);
    expect(standings.at(-1)).toBe('continued');
    stop.abort();
    await running;
    // Who leads next may find another one.
    expect(standings.at(-1)).toBe('unknown');
  });

  it('tells people on the ConfigMap when the ledger does not go on', () => {
    const told: string[] = [];
    const recorder = {
      event: ({ kind, metadata }: KubernetesObject, { type, reason, note }: EventDetails) =>
        void told.push(`${type} ${reason} ${kind} ${metadata.namespace}/${metadata.name} ${note}`),
    };
    announceStanding(recorder, 'mcp-system', { kind: 'continued' });
    announceStanding(recorder, 'mcp-system', {
      kind: 'broken',
      continuity: 'restored',
      checkpoint: place(9),
    });
    expect(told).toEqual([
      expect.stringMatching(
        /^Warning LedgerNotContinued ConfigMap mcp-system\/mcp-operator-ledger .*checkpoint 9 \(restored\).*kilo-mcp ledger acknowledge/,
      ),
    ]);
  });
});
