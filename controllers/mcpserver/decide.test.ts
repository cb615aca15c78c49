import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CONDITION_TYPES, READY_REASONS, REASONS, type ConditionType } from '../../api/index.ts';
import { decide } from './decide.ts';
import type { Pod } from './kinds.ts';
import type { Observed } from './observed.ts';
import { aBrokenPod, aDeployment, aMemory, anObserved, aPod, NOW } from './testing/builders.ts';
import { broken, SERVER_STATES } from './testing/states.ts';

describe('decide', () => {
  it('quotes what strangers wrote in few and printable characters', () => {
    const owner = `Kind\u001b[31m${'x'.repeat(40_000)} name`;
    const observed = anObserved({
      children: { kind: 'collision', object: 'Service team-a/mcp-github', owner },
    });
    const { message } = decide(observed).Accepted;
    expect(message).toContain('belongs to Kind [31mxxx');
    expect(message.length).toBeLessThan(1_000);
  });

  it.each(SERVER_STATES)('$name', ({ observed, wanted }) => {
    const decision = decide(observed);
    const said = Object.keys(wanted).map((type) => {
      const { status, reason } = decision[type as ConditionType];
      return [type, `${status}/${reason}`];
    });
    expect(Object.fromEntries(said)).toEqual(wanted);
  });

  it('can give every reason that the API knows, and the tables show it', () => {
    const given = new Set(
      SERVER_STATES.flatMap(({ observed }) =>
        CONDITION_TYPES.map((type) => `${type}/${decide(observed)[type].reason}`),
      ),
    );
    const dependent = Object.entries(REASONS).flatMap(([type, reasons]) =>
      Object.keys(reasons).map((reason) => `${type}/${reason}`),
    );
    const ready = Object.keys(READY_REASONS).map((reason) => `Ready/${reason}`);
    expect([...dependent, ...ready].filter((reason) => !given.has(reason))).toEqual([]);
  });

  it('says in every message something that fits a status', () => {
    for (const { observed, name } of SERVER_STATES) {
      for (const { message } of Object.values(decide(observed))) {
        expect(message, name).toMatch(/^\P{Cc}{1,1024}$/u);
        expect(message, name).not.toMatch(/\d{4}-\d\d-\d\d/);
      }
    }
  });

  it('neither depends on the order of pods nor changes what it is given', () => {
    const pods = [
      aPod('a', {}, 'earlier'),
      aPod('b'),
      aBrokenPod({ state: { waiting: { reason: 'ErrImagePull' } } }, 'c'),
      aBrokenPod({ state: { terminated: { exitCode: 2 } } }, 'd'),
      aBrokenPod({ state: { waiting: { reason: 'CreateContainerError' } } }, 'e'),
    ];
    const of = (shuffled: Pod[]): Observed =>
      anObserved({ probe: aMemory() }, { pods: shuffled, deployment: aDeployment({ availableReplicas: 0 }) });
    const expected = decide(of(pods));
    fc.assert(
      fc.property(fc.shuffledSubarray(pods, { minLength: pods.length }), (shuffled) => {
        const observed = Object.freeze(of(shuffled));
        const before = JSON.stringify(observed);
        expect(decide(observed)).toEqual(expected);
        expect(decide(observed)).toEqual(decide(observed));
        expect(JSON.stringify(observed)).toBe(before);
      }),
    );
  });

  it('changes only with what it observes: time alone turns a slow start into a failing probe, once', () => {
    const slow = (nowMs: number): Observed => ({
      ...broken(aBrokenPod({ state: { running: { startedAt: '2026-06-01T12:00:00Z' } } })),
      nowMs,
    });
    const reasons = [0, 29_999, 30_000, 600_000].map((ms) => decide(slow(NOW + ms)).Available.reason);
    expect(reasons).toEqual(['Progressing', 'Progressing', 'ProbeFailing', 'ProbeFailing']);
  });
});
