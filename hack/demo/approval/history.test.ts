import { describe, expect, it } from 'vitest';
import { problemsOf, type Told } from './history.ts';

const metadata = { name: 'remediate-clock-1', namespace: 'mcp-approval-demo' };
const spec = {} as Told['request']['spec'];
const told: readonly Told[] = [{ request: { metadata, spec }, phase: 'RolledBack' }];
const intact = 'LEDGER       Intact\nROWS         12';
const shown = (phase: string, decisions: string, refused = '  7  ApprovalRefused  by alice'): string =>
  `PHASE        ${phase}\nDECISIONS    ${decisions}\n\nENTRIES\n  1  by alice\n\nREFUSED (it changed nothing)\n${refused}`;
const both = 'approve by bob, approve by carol';

describe('what the ledger must say', () => {
  it('and does', () => {
    expect(problemsOf([intact, shown('RolledBack', both)], told)).toEqual([]);
  });

  it.each([
    ['that it is whole', ['LEDGER       Broken', shown('RolledBack', both)], 'that it is intact'],
    ['what it came to', [intact, shown('Executed', both)], 'that a request is RolledBack'],
    ['who decided', [intact, shown('RolledBack', 'approve by bob')], 'that carol approved of'],
    ['who was refused', [intact, shown('RolledBack', both, '  none')], 'that alice was refused'],
    ['anything', [intact], 'that a request is RolledBack'],
  ])('and does not: %s', (_reason, answers, problem) => {
    expect(problemsOf(answers, told)[0]).toContain(problem);
  });
});
