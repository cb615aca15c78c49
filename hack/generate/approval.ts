/** `docs/approval.md`: its diagram of states, from the table that the state machine obeys. The words around it are written by hand. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { PHASES, type Phase, TRANSITIONS, isFinal } from '../../approval/index.ts';
import { fillRegion } from './chart/markdown.ts';
import type { Generator } from './generator.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PAGE = 'docs/approval.md';

export const approvalPage: Generator = {
  name: 'approval',
  outputs: async () => {
    const path = join(ROOT, PAGE);
    const options = (await resolveConfig(path)) ?? {};
    const page = fillRegion(readFileSync(path, 'utf8'), 'states', diagram());
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

/** What is executed, and how that ends, is the executor's alone. */
function walker(from: Phase, to: Phase): string {
  return from === 'Executing' || to === 'Executing' ? 'executor' : 'operator';
}
