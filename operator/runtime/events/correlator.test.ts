import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../../core/testing/fake-clock.ts';
import type { KubernetesObject } from '../object/object.ts';
import { EventCorrelator, type Verdict } from './correlator.ts';
import { newEvent } from './event-object.ts';
import type { EventDetails } from './recorder.ts';

const object = (name: string): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Sample',
  metadata: { name, namespace: 'a', uid: `uid-${name}` },
});
const details = (change: Partial<EventDetails> = {}): EventDetails => ({
  type: 'Warning',
  reason: 'Failed',
  action: 'Try',
  note: 'did not work',
  ...change,
});

describe('the correlator', () => {
  let clock: FakeClock;
  let correlator: EventCorrelator;

  beforeEach(() => {
    clock = new FakeClock();
    correlator = new EventCorrelator(clock);
  });

  /** Observes and, as the broadcaster does, stores what is to be created. */
  const observe = (name: string, change: Partial<EventDetails> = {}): Verdict => {
    const verdict = correlator.observe(object(name), details(change));
    if (verdict.kind === 'create') {
      const reporter = { controller: 'c', instance: 'i' };
      correlator.stored(verdict.key, newEvent(object(name), details(change), reporter, clock.now(), '1'));
    }
    return verdict;
  };

  it('makes repetitions a series of the first event', () => {
    expect(observe('a').kind).toBe('create');
    expect(observe('a')).toMatchObject({
      kind: 'extend',
      series: { count: 2, lastObservedTime: '2026-01-01T00:00:00.000000Z' },
    });
    expect(observe('a')).toMatchObject({ kind: 'extend', series: { count: 3 } });
  });

  it.each<[string, string, Partial<EventDetails>]>([
    ['object', 'b', {}],
    ['reason', 'a', { reason: 'Other' }],
    ['type', 'a', { type: 'Normal' }],
    ['action', 'a', { action: 'Stop' }],
    ['note', 'a', { note: 'did not work either' }],
  ])('begins anew for another %s', (_what, name, change) => {
    observe('a');
    expect(observe(name, change).kind).toBe('create');
  });

  it('begins anew after ten minutes of silence', async () => {
    observe('a');
    await clock.advance(600_001);
    expect(observe('a').kind).toBe('create');
  });

  it('takes many similar notes for one series', () => {
    const kinds = Array.from({ length: 14 }, (_, index) => observe('a', { note: `attempt ${index}` }).kind);
    expect(kinds).toEqual([...Array.from({ length: 11 }, () => 'create'), 'extend', 'extend', 'extend']);
  });

  it('cuts off an object that never stops, and nobody else', async () => {
    for (let count = 0; count < 25; count++) expect(observe('noisy').kind).not.toBe('drop');
    expect(observe('noisy').kind).toBe('drop');
    expect(observe('quiet').kind).toBe('create');
    await clock.advance(300_000);
    expect(observe('noisy').kind).not.toBe('drop');
  });

  it('creates again what could not be stored', () => {
    const verdict = correlator.observe(object('a'), details());
    expect(verdict.kind).toBe('create');
    if (verdict.kind === 'create') correlator.forget(verdict.key);
    expect(correlator.observe(object('a'), details()).kind).toBe('create');
  });
});
