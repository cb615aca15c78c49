/**
 * `docs/approval.md`: its diagram of states, from the table that the state machine obeys, and its repairs, from those that plans are made of. The
 * words around them are written by hand.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { PHASES, type Phase, TRANSITIONS, isFinal } from '../../approval/index.ts';
import { FIXES } from '../../approval/plan/fixes.ts';
import { fillRegion } from './chart/markdown.ts';
import type { Generator } from './generator.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PAGE = 'docs/approval.md';

export const approvalPage: Generator = {
  name: 'approval',
  outputs: async () => {
    const path = join(ROOT, PAGE);
    const options = (await resolveConfig(path)) ?? {};
    const drawn = fillRegion(readFileSync(path, 'utf8'), 'states', diagram());
    const page = fillRegion(drawn, 'repairs', repairs());
    return { [PAGE]: await format(page, { ...options, filepath: path }) };
  },
};

/** @returns the phases and every way between them in Mermaid, with the process that goes it. */
export function diagram(): string {
  const ways = PHASES.flatMap((from) =>
    TRANSITIONS[from].map((to) => `  ${from} --> ${to}: ${walker(from, to)}`),
  );
  const ends = PHASES.filter(isFinal).map((phase) => `  ${phase} --> [*]`);
  return ['```mermaid', 'stateDiagram-v2', '  [*] --> Pending', ...ways, ...ends, '```'].join('\n');
}

/** @returns what the executor changes for each check, and how risky that is, as a table. */
export function repairs(): string {
  const rows = Object.entries(FIXES).map(
    ([check, { does, risk }]) => `| [${check}](checks.md#${check.toLowerCase()}) | ${does} | ${risk} |`,
  );
  return ['| Check | Repair | Risk |', '| --- | --- | --- |', ...rows].join('\n');
}

/** What is executed, and how that ends, is the executor's alone. */
function walker(from: Phase, to: Phase): string {
  return from === 'Executing' || to === 'Executing' ? 'executor' : 'operator';
}
