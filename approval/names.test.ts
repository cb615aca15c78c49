import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestOf } from './digest.ts';
import { durationSeconds } from './duration.ts';
import { decisionName, requestName } from './names.ts';
import { aPlan, anAction } from './testing/rows.ts';

const EFFECT = aPlan().effect;

describe('digestOf', () => {
  const digest = digestOf(anAction(), EFFECT);
  const target = anAction().target;

  it.each([
    ['another kind', anAction({ kind: 'AcceptDefinitions' }), EFFECT],
    ['another object', anAction({ target: { ...target, uid: 'another' } }), EFFECT],
    ['another generation', anAction({ target: { ...target, generation: 4 } }), EFFECT],
    ['other parameters', anAction({ parameters: { check: 'MCP-W07' } }), EFFECT],
    [
      'another value',
      anAction(),
      { kind: 'Patch', operations: [{ op: 'replace', path: '/spec/replicas', value: 3 }] },
    ],
    [
      'a proposal',
      anAction(),
      { kind: 'Proposal', operations: EFFECT.kind === 'Patch' ? EFFECT.operations : [], reason: '' },
    ],
  ] as const)('differs for %s', (_what, action, effect) => {
    expect(digestOf(action, effect)).not.toBe(digest);
  });

  it('does not depend on the order of fields', () => {
    const { parameters, kind, target: same } = anAction();
    expect(digestOf({ parameters, target: { ...same }, kind }, structuredClone(EFFECT))).toBe(digest);
  });

  it('binds a Quarantine to the object, not to what it says', () => {
    const quarantine = (generation: number) =>
      digestOf(anAction({ kind: 'Quarantine', target: { ...target, generation } }), {
        kind: 'Quarantine',
        operation: 'Begin',
      });
    expect(quarantine(3)).toBe(quarantine(4));
  });
});

describe('names', () => {
  const DNS = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;

  it('say kind, target, digest and attempt', () => {
    expect(requestName(anAction(), `sha256:${'0123456789abcdef'.repeat(4)}`, 2)).toBe(
      'remediate-github-0123456789ab-2',
    );
  });

  it('are names of Kubernetes, however long the target is', () => {
    const name = requestName(
      anAction({ target: { ...anAction().target, name: 'a.'.repeat(120) } }),
      digestOf(anAction(), EFFECT),
      12,
    );
    expect(name).toMatch(DNS);
    expect(name.length).toBeLessThanOrEqual(253);
  });

  it('of decisions are one for each request, person and verb', () => {
    const names = ['uid-1', 'uid-2'].flatMap((uid) =>
      ['ann', 'ben'].flatMap((person) =>
        (['approve', 'deny'] as const).map((verb) => decisionName(uid, person, verb)),
      ),
    );
    expect(new Set(names).size).toBe(8);
    for (const name of names) expect(name).toMatch(DNS);
    expect(decisionName('uid-1', 'ann', 'approve')).toBe(names[0]);
  });

  it('of decisions mix up no two persons', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), fc.string(), (uid, person, otherUid, other) => {
        const isSame = uid === otherUid && person === other;
        expect(decisionName(uid, person, 'approve') === decisionName(otherUid, other, 'approve')).toBe(
          isSame,
        );
      }),
    );
  });
});

describe('durationSeconds', () => {
  it.each([
    ['24h', 86_400],
    ['1h30m', 5400],
    ['7d', 604_800],
    ['90s', 90],
    ['1d1h1m1s', 90_061],
  ])('%s is %d', (text, seconds) => {
    expect(durationSeconds(text, 'spec.ttl.approval')).toBe(seconds);
  });

  it.each(['', '0s', '0d0h', '-1h', '1.5h', '30m1h', '1w', '1h ', '10'])(
    'refuses %o by the name of its field',
    (text) => {
      expect(() => durationSeconds(text, 'spec.ttl.approval')).toThrow(
        /^spec\.ttl\.approval: .*is no duration above zero/,
      );
    },
  );
});
