/** Results as a table for the terminal and for Markdown pages. */
import { FIGURES, isAim, type FigureKey } from './catalogue.ts';
import { FIGURE_KEYS, type FigureResult, type Results } from './results.ts';

const VERDICTS = { true: 'pass', false: 'MISSED', null: '' } as const;

/** A Markdown table: one row a figure, with median, spread, target and verdict. */
export function renderTable({ figures }: Pick<Results, 'figures'>): string {
  const rows = FIGURE_KEYS.flatMap((key) => {
    const result = figures[key];
    return result === undefined ? [] : [renderRow(key, result)];
  });
  return renderRows([['figure', 'median', 'spread', 'target', ''], ...rows]);
}

function renderRow(key: FigureKey, result: FigureResult): readonly string[] {
  const { digits, unit } = FIGURES[key];
  const text = (value: number): string => value.toFixed(digits);
  const withUnit = (value: string): string => (unit === '' ? value : `${value} ${unit}`);
  return [
    result.title,
    withUnit(text(result.median)),
    result.min === result.max ? '' : `${text(result.min)} to ${text(result.max)}`,
    withTarget(result, withUnit),
    isAim(result.target) && result.met === false ? 'not reached' : VERDICTS[`${result.met}`],
  ];
}

function withTarget({ target }: FigureResult, withUnit: (value: string) => string): string {
  if (target === null || target === undefined) return 'reported';
  const limit =
    'atMost' in target
      ? `at most ${withUnit(trim(target.atMost))}`
      : `at least ${withUnit(trim(target.atLeast))}`;
  return isAim(target) ? `aim: ${limit}` : limit;
}

function trim(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** A Markdown table whose first row is the head. */
export function renderRows(rows: readonly (readonly string[])[]): string {
  const [head = []] = rows;
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `| ${widths.map((width, column) => (row[column] ?? '').padEnd(width)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [line(head), rule, ...rows.slice(1).map(line)].join('\n');
}
