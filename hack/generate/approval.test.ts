import { describe, expect, it } from 'vitest';
import { PHASES, TRANSITIONS } from '../../approval/index.ts';
import { FIXES } from '../../approval/plan/fixes.ts';
import { approvalPage, diagram, repairs } from './approval.ts';

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

describe('the repairs of docs/approval.md', () => {
  it('are all that there are, each with its risk', () => {
    const rows = [...repairs().matchAll(/^\| \[(MCP-\w+)\]\(.*\) \| .+ \| (low|medium|high) \|$/gm)];
    expect(rows.map(([, check, risk]) => [check, risk])).toEqual(
      Object.entries(FIXES).map(([check, { risk }]) => [check, risk]),
    );
  });

  it('stand in the page', async () => {
    const { 'docs/approval.md': page = '' } = await approvalPage.outputs();
    for (const { does } of Object.values(FIXES)) expect(page).toContain(does);
  });
});
