/**
 * `docs/performance.md`: its tables, from the results that `make bench` left in `test/bench/results/` and from the catalogue of figures. The
 * words between the tables are written by hand.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { FIGURES, ON_REQUEST } from '../../test/bench/report/catalogue.ts';
import { FIGURE_KEYS, type Results } from '../../test/bench/report/results.ts';
import { renderRows, renderTable } from '../../test/bench/report/table.ts';
import { fillRegion } from './chart/markdown.ts';
import type { Generator } from './generator.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PAGE = 'docs/performance.md';
const RESULTS = join(ROOT, 'test/bench/results');

export const performancePage: Generator = {
  name: 'performance',
  outputs: async () => {
    const path = join(ROOT, PAGE);
    const options = (await resolveConfig(path)) ?? {};
    return { [PAGE]: await format(page(readFileSync(path, 'utf8')), { ...options, filepath: path }) };
  },
};

function page(text: string): string {
  return fillRegion(fillRegion(text, 'measured', measured()), 'keys', keys());
}

/** A section for each number of servers of which there are results: all phases, or those that the command names. */
function measured(): string {
  const files = readdirSync(RESULTS);
  const counts = files.flatMap((file) => /^servers-(\d+)\.json$/.exec(file)?.[1] ?? []).map(Number);
  const complete = counts.toSorted((one, other) => one - other).map(sectionOfServers);
  const named = ON_REQUEST.filter((phase) => files.includes(`${phase}.json`)).map(sectionOfPhase);
  return [...complete, ...named].join('\n\n');
}

function sectionOfServers(servers: number): string {
  const results = read(`servers-${servers}.json`);
  const { runs, idleSeconds, edits, phases } = results.settings;
  const chosen = phases.length === 0 ? '' : ` PHASES=${phases.join(',')}`;
  const variables = `N=${servers} RUNS=${runs} IDLE_SECONDS=${idleSeconds} EDITS=${edits}${chosen}`;
  return section(`${servers.toLocaleString('en')} servers`, variables, results);
}

/** Its own figures alone: what it needed before it could begin is measured better elsewhere. */
function sectionOfPhase(phase: (typeof ON_REQUEST)[number]): string {
  const results = read(`${phase}.json`);
  const { servers, runs } = results.settings;
  const own = Object.entries(results.figures).filter(([key]) => key.startsWith(phase));
  const count = servers.toLocaleString('en');
  const title = {
    compliance: `Compliance of ${count} servers`,
    history: 'History',
    approval: `Approval of ${count} requests at once`,
  }[phase];
  const variables = `${phase === 'history' ? '' : `N=${servers} `}RUNS=${runs} PHASES=${phase}`;
  return section(title, variables, { ...results, figures: Object.fromEntries(own) });
}

/** A boundary: the benchmark of this revision or an earlier one wrote it. */
function read(file: string): Results {
  return JSON.parse(readFileSync(join(RESULTS, file), 'utf8')) as Results;
}

function section(title: string, variables: string, results: Results): string {
  const { machine, runs, finishedAt } = results;
  const times = runs.length === 1 ? 'one run' : `median of ${runs.length} runs`;
  return [
    `## ${title}`,
    '',
    `\`make bench ${variables}\`: ${times}, ${finishedAt.slice(0, 10)}, ${machine.cores} cores of ${machine.processor}, ${machine.memoryGiB} GiB, ` +
      `Linux ${machine.kernel}, Node ${machine.node}, Kubernetes ${machine.kubernetes}.`,
    '',
    renderTable(results),
  ].join('\n');
}

function keys(): string {
  const rows = FIGURE_KEYS.map((key) => [`\`${key}\``, FIGURES[key].title, FIGURES[key].unit]);
  return renderRows([['key', 'figure', 'unit'], ...rows]);
}
