/**
 * `make bench`: measures the operator on a real API server and prints a table; `results/latest.json` keeps the figures. Ends with 1 when
 * a target is missed. `make bench-compare BASE=REV` measures that revision too, run by run in turn, and prints both.
 */
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../core/clock.ts';
import { kubernetesVersion, streamReporter } from '../../hack/cluster/index.ts';
import { isAim, ON_REQUEST, type Measurements } from './report/catalogue.ts';
import { renderComparison } from './report/comparison.ts';
import { describeMachine, summarize, type Results } from './report/results.ts';
import { renderTable } from './report/table.ts';
import { otherRevision, thisRevision, type Revision } from './revision.ts';
import { measure, PhaseError } from './run.ts';
import { benchSettings, type BenchSettings } from './settings.ts';

const RESULTS = fileURLToPath(new URL('results/', import.meta.url));

async function main(): Promise<void> {
  // Programs that a run started are killed when this process exits: let it exit.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  const settings = benchSettings(process.env);
  const base = process.env['BASE'] ?? '';
  if (base === '') await bench(settings);
  else await compare(settings, base);
}

async function bench(settings: BenchSettings): Promise<void> {
  const [results] = await measureInTurn(settings, [await thisRevision()], write);
  if (results === undefined) return;
  process.stdout.write(`${renderTable(results)}\n\n${latest}\n`);
  const missed = Object.values(results.figures).filter(({ met, target }) => met === false && !isAim(target));
  if (missed.length > 0) process.exitCode = 1;
}

const latest = join(RESULTS, 'latest.json');

/**
 * After each run, so that who stops early keeps what was measured. A measurement of every phase is also kept by its number of servers, one of a
 * phase that is only run when it is asked for by its name: docs/performance.md is made of these.
 */
async function write([results]: readonly Results[]): Promise<void> {
  if (results === undefined) return;
  const { phases, servers } = results.settings;
  const kept = [
    ...(phases.length === 0 ? [`servers-${servers}.json`] : []),
    ...ON_REQUEST.filter((name) => phases.includes(name)).map((name) => `${name}.json`),
  ];
  const paths = [latest, ...kept.map((name) => join(RESULTS, name))];
  await mkdir(RESULTS, { recursive: true });
  for (const path of paths) await writeFile(path, `${JSON.stringify(results, undefined, 2)}\n`);
}

async function compare(settings: BenchSettings, revision: string): Promise<void> {
  const other = await otherRevision(revision);
  try {
    const [base, head] = await measureInTurn(settings, [other, await thisRevision()], () =>
      Promise.resolve(),
    );
    if (base !== undefined && head !== undefined) process.stdout.write(`${renderComparison(base, head)}\n`);
  } finally {
    await other.remove();
  }
}

/** One run of each revision after the other, so that a machine that gets slower gets slower for all. */
async function measureInTurn(
  settings: BenchSettings,
  revisions: readonly Revision[],
  afterRound: (results: readonly Results[]) => Promise<void>,
): Promise<readonly Results[]> {
  const resultsSoFar = (): readonly Results[] =>
    revisions.map(({ name }, index) => resultsOf(settings, name, runs[index] ?? []));
  const runs = revisions.map((): Measurements[] => []);
  for (let number = 1; number <= settings.runs; number += 1) {
    for (const [index, { name, bundle }] of revisions.entries()) {
      report(`run ${number} of ${settings.runs}: ${settings.servers} servers, ${name}`);
      const directory = await mkdtemp(join(tmpdir(), 'kilo-mcp-bench-'));
      const reporter = streamReporter(process.stderr);
      const run = measure({ settings, directory, bundle, reporter, report });
      run.catch((error: unknown) => {
        if (error instanceof PhaseError) reportPart(resultsOf(settings, name, [error.measurements]));
      });
      runs[index]?.push(await run);
    }
    await afterRound(resultsSoFar());
  }
  return resultsSoFar();
}

function resultsOf(settings: BenchSettings, revision: string, runs: readonly Measurements[]): Results {
  return {
    schema: 'kilo-mcp-bench/v1',
    finishedAt: systemClock.now().toISOString(),
    revision,
    machine: describeMachine(kubernetesVersion()),
    settings,
    figures: summarize(runs, settings.servers),
    runs,
  };
}

/** Of a run that failed: shown, and kept nowhere, because it is not comparable with a whole one. */
function reportPart(results: Results): void {
  report(`before the failure:\n${renderTable(results)}`);
}

function report(text: string): void {
  process.stderr.write(`${text}\n`);
}

await main();
