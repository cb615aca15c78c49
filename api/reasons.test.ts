import { describe, expect, it } from 'vitest';
import { APPROVAL_REASONS, REQUEST_REASONS } from './approvalrequest/reasons.ts';
import { CHECK_REASONS } from './compliancecheck/reasons.ts';
import { COMPLIANT_REASONS, CONDITION_TYPES, READY_REASONS, REASONS } from './reasons.ts';

const rows = Object.entries({ ...REASONS, Ready: READY_REASONS }).flatMap(([type, reasons]) =>
  Object.entries(reasons).map(([reason, row]) => ({ type, reason, ...row })),
);

describe('the table of reasons', () => {
  it('covers the condition types', () => {
    expect([...Object.keys(REASONS), 'Ready']).toEqual(CONDITION_TYPES);
  });

  it.each(rows)('$type/$reason is CamelCase, a sentence, and says what to do unless all is well', (row) => {
    const isWell = row.status === 'True' && row.reason !== 'PolicyViolated';
    expect(row.reason).toMatch(/^[A-Z][A-Za-z]+$/);
    expect(row.meaning).toMatch(/^\S.*\.$/);
    expect(row.remedy === '').toBe(isWell);
  });

  it.each(
    Object.entries({ ...CHECK_REASONS, Compliant: COMPLIANT_REASONS }).flatMap(([type, reasons]) =>
      Object.entries(reasons).map(([reason, row]) => ({ type, reason, ...row })),
    ),
  )(
    'of compliance, $type/$reason says what to do unless all is well, and that is said by one word',
    (row) => {
      expect(row.reason).toMatch(/^[A-Z][A-Za-z]+$/);
      expect(row.meaning).toMatch(/^\S.*\.$/);
      expect(row.remedy === '').toBe(row.status === 'True');
    },
  );

  it.each(
    Object.entries(REQUEST_REASONS).flatMap(([type, reasons]) =>
      Object.entries(reasons).map(([reason, row]) => ({ type, reason, ...row })),
    ),
  )('of a request, $type/$reason says what to do where nothing went as it was meant to', (row) => {
    const isWell = ['Accepted', 'Recorded', 'Approved', 'Overridden', 'Executed'].includes(row.type);
    expect(row.reason).toMatch(/^[A-Z][A-Za-z]+$/);
    expect(row.meaning).toMatch(/^\S.*\.$/);
    expect(row.remedy === '').toBe(isWell && row.status === 'True');
    // What became of a request is said once, and is so from then on.
    if (row.type in APPROVAL_REASONS) expect(row.status).toBe('True');
  });

  it('has one reason for True in each condition, besides that of a remote source and that of a server that runs on against a policy', () => {
    const others = ['RemoteSource', 'PolicyViolated'];
    const good = rows.filter(({ status, reason }) => status === 'True' && !others.includes(reason));
    expect(good.map(({ type }) => type)).toEqual(CONDITION_TYPES);
  });
});
