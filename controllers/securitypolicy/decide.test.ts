import { describe, expect, it } from 'vitest';
import { POLICY_REASONS } from '../../api/index.ts';
import { decide } from './decide.ts';
import type { Observed } from './observed.ts';
import { anObserved, aPolicy } from './testing/builders.ts';

const impossible = (...messages: string[]): Observed['evaluation'] => ({
  kind: 'impossible',
  problems: messages.map((message) => ({ path: 'spec.images.allowed[0]', message })),
});
const locks = (webhook: boolean, secondLock: boolean) => anObserved({ locks: { webhook, secondLock } });

const CASES = [
  { reason: 'all is well', observed: anObserved(), wanted: ['True/Accepted', 'True/Enforced'] },
  ...(['Warn', 'Audit'] as const).map((enforcement) => ({
    reason: `it is to ${enforcement}, with or without locks`,
    observed: anObserved({ policy: aPolicy({ enforcement }), locks: { webhook: false, secondLock: false } }),
    wanted: ['True/Accepted', 'False/ReportOnly'],
  })),
  {
    reason: 'a rule that makes no sense',
    observed: anObserved({ evaluation: impossible('must not be empty') }),
    wanted: ['False/InvalidRule', 'False/InvalidRule'],
  },
  { reason: 'no webhook', observed: locks(false, true), wanted: ['True/Accepted', 'False/WebhookMissing'] },
  {
    reason: 'no lock at all',
    observed: locks(false, false),
    wanted: ['True/Accepted', 'False/WebhookMissing'],
  },
  {
    reason: 'no second lock',
    observed: locks(true, false),
    wanted: ['True/Accepted', 'False/SecondLockMissing'],
  },
];

describe('decide', () => {
  it.each(CASES)('$reason', ({ observed, wanted }) => {
    const { Accepted, Enforced } = decide(observed);
    expect([Accepted, Enforced].map(({ status, reason }) => `${status}/${reason}`)).toEqual(wanted);
  });

  it('can give every reason that the API knows', () => {
    const given = new Set(
      CASES.flatMap(({ observed }) =>
        Object.entries(decide(observed)).map(([type, { reason }]) => `${type}/${reason}`),
      ),
    );
    const known = Object.entries(POLICY_REASONS).flatMap(([type, reasons]) =>
      Object.keys(reasons).map((reason) => `${type}/${reason}`),
    );
    expect([...given].toSorted()).toEqual(known.toSorted());
  });

  it('names every field that is wrong, in a message that fits', () => {
    const { message } = decide(anObserved({ evaluation: impossible('is no pattern', 'is empty') })).Accepted;
    expect(message).toBe('spec.images.allowed[0]: is no pattern; spec.images.allowed[0]: is empty');
    const long = decide(anObserved({ evaluation: impossible(`is no pattern: \u0007${'x'.repeat(5_000)}`) }));
    expect(long.Accepted.message).toMatch(/^spec\.images\.allowed\[0\]: is no pattern: x{100,990}…$/);
  });
});
