/**
 * `docs/performance.md`: its tables, from the results that `make bench` left in `test/bench/results/` and from the catalogue of figures. The
 * words between the tables are written by hand.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { FIGURES } from '../../test/bench/report/catalogue.ts';
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

/** A section for each number of servers of which there are complete results. */
function measured(): string {
  const files = readdirSync(RESULTS).flatMap((file) => /^servers-(\d+)\.json$/.exec(file)?.[1] ?? []);
  const counts = files.map(Number).toSorted((one, other) => one - other);
  return counts.map(section).join('\n\n');
}

function section(servers: number): string {
  // A boundary: the benchmark of this revision or an earlier one wrote it.
  const results = JSON.parse(readFileSync(join(RESULTS, `servers-${servers}.json`), 'utf8')) as Results;
  const { machine, runs, finishedAt, settings } = results;
  const times = runs.length === 1 ? 'one run' : `median of ${runs.length} runs`;
  const variables = `N=${servers} RUNS=${settings.runs} IDLE_SECONDS=${settings.idleSeconds} EDITS=${settings.edits}`;
  return [
    `## ${servers.toLocaleString('en')} servers`,
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
