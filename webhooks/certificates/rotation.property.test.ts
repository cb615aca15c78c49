/**
 * Years of rotations: what any replica serves is accepted by every API server at every moment, whoever hears late, whichever clock is
 * wrong by half an hour, wherever a leader crashes; and nothing stays half done.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LIFETIMES } from './lifetimes.ts';
import { caBundleOf } from './publication.ts';
import { readSecretData, secretData, type StoredCertificates } from './stored.ts';
import { at, DAY_MS, decide, fresh, HOUR_MS, NOTHING, step } from './testing/certificates.ts';
import { CRASHES, World, type Crash } from './testing/world.ts';

const YEAR_MS = 365 * DAY_MS;
const MAX_SKEW_MS = HOUR_MS / 2;

type Happening =
  | { readonly kind: 'look'; readonly crash: Crash }
  | { readonly kind: 'lead'; readonly skewMs: number }
  | { readonly kind: 'hear'; readonly who: number }
  | { readonly kind: 'wait'; readonly ms: number };

const skewMs = fc.integer({ min: -MAX_SKEW_MS, max: MAX_SKEW_MS });
/** Moments most of the time, since that is where the races are. */
const ms = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 2 * LIFETIMES.propagationMs }) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 2 * DAY_MS }) },
  { weight: 1, arbitrary: fc.constantFrom(20 * DAY_MS, 240 * DAY_MS) },
);
/** A leader that lives has the time for each step of a rotation. */
const REST_MS = 40 * DAY_MS;
const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('look'),
      crash: fc.oneof({ weight: 3, arbitrary: fc.constant<Crash>('nowhere') }, fc.constantFrom(...CRASHES)),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('lead'), skewMs }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('hear'), who: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait'), ms }) },
);

function happen(world: World, what: Happening, onMoment: () => void): void {
  if (what.kind === 'look') world.look(what.crash);
  else if (what.kind === 'lead') world.lead(what.skewMs);
  else if (what.kind === 'hear') world.hear(what.who);
  else world.wait(what.ms, onMoment);
  onMoment();
}

describe('a rotation', () => {
  it('goes from one CA to the next, again and again', () => {
    const world = new World([0, 0]);
    world.wait(2 * YEAR_MS, () => expect(world.problem()).toBeUndefined());
    const rotations = world.steps.filter((kind) => kind === 'rotateCA');
    expect(rotations).toHaveLength(3);
    expect(world.steps.filter((kind) => kind === 'dropCA')).toHaveLength(3);
    expect(world.steps).not.toContain('startAnew');
  });

  it('never shows anybody a certificate that is not trusted, and ends', () => {
    const history = fc.array(happening, { minLength: 5, maxLength: 30 });
    fc.assert(
      fc.property(fc.tuple(skewMs, skewMs), history, (skews, happenings) => {
        const world = new World(skews);
        const check = (): void => expect(world.problem()).toBeUndefined();
        for (const what of happenings) happen(world, what, check);
        world.lead(0);
        world.wait(REST_MS, check);
        // It may just have begun another one.
        if (world.cas > 1) world.wait(REST_MS, check);
        expect(world.cas).toBe(1);
        expect(world.steps).not.toContain('startAnew');
        expect(new Set(world.published)).toEqual(new Set([caBundleOf(world.stored, at(world.nowMs))]));
      }),
      { numRuns: 50 },
    );
  }, 60_000);
});

describe('whatever is stored', () => {
  const [one, two] = [fresh(at(0)), fresh(at(-200 * DAY_MS))];
  const spoilt = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
  const parts = (...texts: string[]): fc.Arbitrary<string> => fc.constantFrom('', 'x', spoilt, ...texts);
  const damaged: fc.Arbitrary<StoredCertificates> = fc.record({
    ca: parts(one.ca, two.ca, one.ca + two.ca, spoilt + two.ca, one.cert),
    caKey: parts(one.caKey, two.caKey, one.key),
    cert: parts(one.cert, two.cert, one.ca),
    key: parts(one.key, two.key, one.caKey),
  });

  it('works after three steps at most, and stays', () => {
    fc.assert(
      fc.property(damaged, fc.integer({ min: -2, max: 400 }), (stored, days) => {
        const now = at(days * DAY_MS);
        let current = stored;
        for (
          let steps = 0;
          steps < 3 && decide(current, now, 2 * LIFETIMES.propagationMs).kind !== 'keep';
          steps += 1
        )
          current = step(current, now, 2 * LIFETIMES.propagationMs);
        expect(decide(current, now, 2 * LIFETIMES.propagationMs)).toMatchObject({ kind: 'keep' });
        expect(caBundleOf(current, now)).toBeDefined();
      }),
    );
  });

  it('is read as it was written', () => {
    fc.assert(
      fc.property(damaged, (stored) => {
        expect(readSecretData(secretData(stored))).toEqual(stored);
      }),
    );
    expect(readSecretData({})).toEqual(NOTHING);
  });
});
