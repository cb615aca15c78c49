import { describe, expect, it } from 'vitest';
import { PHASES, TRANSITIONS } from '../../approval/index.ts';
import { approvalPage, diagram } from './approval.ts';

describe('the diagram of docs/approval.md', () => {
  it('draws every way, and no other', () => {
    const drawn = [...diagram().matchAll(/^ {2}(\w+) --> (\w+):/gm)].map(([, from, to]) => `${from} ${to}`);
    expect(drawn).toEqual(PHASES.flatMap((from) => TRANSITIONS[from].map((to) => `${from} ${to}`)));
  });

  it('ends where nothing leads on', () => {
    const ends = [...diagram().matchAll(/^ {2}(\w+) --> \[\*\]$/gm)].map(([, phase]) => phase);
    expect(ends).toEqual([
      'Denied',
      'Expired',
      'Cancelled',
      'Superseded',
      'Executed',
      'Failed',
      'RolledBack',
    ]);
  });

  it('stands in the page', async () => {
    const { 'docs/approval.md': page = '' } = await approvalPage.outputs();
    expect(page).toContain(diagram());
  });
});
