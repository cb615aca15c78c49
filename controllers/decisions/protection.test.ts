import { describe, expect, it } from 'vitest';
import type { AdmissionInterval } from '../../approval/index.ts';
import { knownFromMs, protectionAt } from './protection.ts';

const interval = (from: string, to: string): AdmissionInterval => ({
  fingerprint: 'whole',
  from: `2026-11-26T10:00:${from}Z`,
  to: `2026-11-26T10:00:${to}Z`,
});
const AT = '2026-11-26T10:00:10Z';

describe('whether admission was whole when a decision was made', () => {
  it.each<[string, readonly AdmissionInterval[], boolean | undefined]>([
    ['somebody looked from before to after', [interval('05.000', '20.000')], true],
    ['the whole second was looked at, and no more', [interval('10.000', '11.000')], true],
    ['the look began within the second', [interval('10.001', '20.000')], false],
    ['nobody has looked since its second ended', [interval('05.000', '10.999')], undefined],
    ['nobody has ever looked', [], undefined],
    [
      'it was not before, and is whole again',
      [interval('05.000', '09.000'), interval('15.000', '20.000')],
      false,
    ],
    ['it broke within the second', [interval('05.000', '10.500'), interval('10.600', '20.000')], false],
    [
      'a certificate was renewed within the second',
      [interval('05.000', '10.500'), interval('10.500', '20.000')],
      true,
    ],
    ['it was whole only before', [interval('01.000', '02.000')], undefined],
  ])('when %s', (_reason, intervals, isProtected) => {
    expect(protectionAt(intervals, AT)).toBe(isProtected);
  });

  it('is known when its second is over', () => {
    expect(new Date(knownFromMs(AT)).toISOString()).toBe('2026-11-26T10:00:11.000Z');
  });
});
