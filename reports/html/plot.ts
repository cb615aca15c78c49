/** Score and coverage over time as a drawing that needs no script, and the same as a table. */
import type { RunRecord } from '../../checks/engine/record.ts';
import { markup, type Markup } from '../markup.ts';
import { moment, nothing, percentage, section, table } from './pieces.ts';

const WIDTH = 900;
const HEIGHT = 260;
const LEFT = 40;
const RIGHT = 112;
const TOP = 14;
const BOTTOM = 32;
/** More than one pixel a run says nothing more. */
const MAX_RUNS = 400;
const TICKS = 5;

interface Point {
  readonly x: number;
  readonly y: number;
}

/** @param current the run of the report, which is marked. */
export function scoreOverTime(history: readonly RunRecord[], current: RunRecord): Markup {
  const runs = runsToShow(history, current);
  if (runs.length === 0) return section('history', 'Score over time', nothing('No run has a score yet.'));
  return section('history', 'Score over time', plotOf(runs, current, 'plot'));
}

/** @param id unique on the page. */
export function plotOf(history: readonly RunRecord[], current: RunRecord, id: string): Markup {
  const runs = runsToShow(history, current);
  const rows = runs.toReversed();
  return markup`${drawing(runs, current, id)}<details><summary>The same as a table</summary>
${table(
  `${runs.length} runs, the newest first`,
  [
    { name: 'Run', cell: ({ startedAt }) => moment(startedAt) },
    { name: 'Score', kind: 'number', cell: ({ score }) => percentage(score) },
    { name: 'Coverage', kind: 'number', cell: ({ coverage }) => percentage(coverage) },
    { name: 'Result', cell: ({ result }) => result },
    { name: 'Trigger', cell: ({ trigger }) => trigger },
    { name: 'Id', cell: ({ id }) => markup`<code>${id}</code>` },
  ],
  rows,
)}</details>
`;
}

function runsToShow(history: readonly RunRecord[], current: RunRecord): readonly RunRecord[] {
  const byId = new Map([...history, current].map((run) => [run.id, run]));
  return [...byId.values()]
    .filter(({ score }) => score !== undefined)
    .toSorted((one, other) => Date.parse(one.startedAt) - Date.parse(other.startedAt))
    .slice(-MAX_RUNS);
}

function drawing(runs: readonly RunRecord[], current: RunRecord, id: string): Markup {
  const at = timeScale(runs);
  const points = (of: (run: RunRecord) => number | undefined): readonly Point[] =>
    runs.flatMap((run) => {
      const value = of(run);
      return value === undefined ? [] : [{ x: at(run), y: heightOf(value) }];
    });
  const scores = points(({ score }) => score);
  const coverages = points(({ coverage }) => coverage);
  return markup`<figure>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="${id}-title ${id}-description">
<title id="${id}-title">Score and coverage over time</title>
<desc id="${id}-description">${description(runs)}</desc>
${[0, 25, 50, 75, 100].map(gridLine)}${timeTicks(runs, at)}
<polyline class="coverage" points="${path(coverages)}"/>
<polyline class="score" points="${path(scores)}"/>
${scores.length <= 60 && scores.map(({ x, y }) => markup`<circle class="dot" cx="${x}" cy="${y}" r="2.5"/>`)}
${current.score !== undefined && markup`<circle class="now" cx="${at(current)}" cy="${heightOf(current.score)}" r="5"/>`}
${labels(runs, at)}
</svg>
<figcaption>Solid: score. Dashed: coverage. The ring is the run of this report. ${description(runs)}</figcaption>
</figure>
`;
}

function description(runs: readonly RunRecord[]): string {
  const scores = runs.flatMap(({ score }) => (score === undefined ? [] : [score]));
  const [first, last] = [scores.at(0) ?? 0, scores.at(-1) ?? 0];
  if (scores.length === 1) return `One run so far, with a score of ${first} %.`;
  return `The score went from ${first} % to ${last} % over ${scores.length} runs; lowest ${Math.min(...scores)} %, highest ${Math.max(...scores)} %.`;
}

/** A single run stands in the middle. */
function timeScale(runs: readonly RunRecord[]): (run: RunRecord) => number {
  const times = runs.map(({ startedAt }) => Date.parse(startedAt));
  const [from, to] = [Math.min(...times), Math.max(...times)];
  const width = WIDTH - LEFT - RIGHT;
  return ({ startedAt }) => {
    const part = to === from ? 0.5 : (Date.parse(startedAt) - from) / (to - from);
    return round(LEFT + part * width);
  };
}

function heightOf(value: number): number {
  return round(TOP + (1 - Math.min(100, Math.max(0, value)) / 100) * (HEIGHT - TOP - BOTTOM));
}

function gridLine(value: number): Markup {
  const y = heightOf(value);
  return markup`<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y}" y2="${y}"/><text x="${LEFT - 8}" y="${y + 4}" text-anchor="end">${value}</text>
`;
}

/** Dates under the plot, evenly chosen, none so near to the one before that they touch. */
function timeTicks(runs: readonly RunRecord[], at: (run: RunRecord) => number): readonly Markup[] {
  const last = runs.length - 1;
  const indices = new Set(
    Array.from({ length: TICKS }, (_, tick) => Math.round((tick / (TICKS - 1)) * last)),
  );
  let before = Number.NEGATIVE_INFINITY;
  return [...indices].flatMap((index) => {
    const run = runs[index];
    if (run === undefined || at(run) - before < 84) return [];
    before = at(run);
    return [
      markup`<text x="${before}" y="${HEIGHT - 8}" text-anchor="middle">${run.startedAt.slice(0, 10)}</text>
`,
    ];
  });
}

/** The last values beside their lines, moved apart where they would cover each other. */
function labels(runs: readonly RunRecord[], at: (run: RunRecord) => number): Markup | undefined {
  const last = runs.at(-1);
  if (last?.score === undefined) return undefined;
  const x = at(last) + 12;
  const y = heightOf(last.score) + 4;
  const covered = last.coverage === undefined ? undefined : heightOf(last.coverage) + 4;
  const below = last.coverage !== undefined && last.coverage <= last.score;
  const apart = covered !== undefined && Math.abs(covered - y) < 15 ? y + (below ? 15 : -15) : covered;
  const inside = Math.min(apart ?? 0, HEIGHT - BOTTOM);
  return markup`<text class="label-score" x="${x}" y="${y}">score ${last.score} %</text>${
    apart !== undefined && markup`<text x="${x}" y="${inside}">coverage ${last.coverage} %</text>`
  }`;
}

function path(points: readonly Point[]): string {
  return points.map(({ x, y }) => `${x},${y}`).join(' ');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
