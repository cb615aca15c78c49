/** Two revisions side by side. */
import { FIGURES } from './catalogue.ts';
import { FIGURE_KEYS, type Results } from './results.ts';
import { renderRows } from './table.ts';

/** A Markdown table: a figure's medians and spreads at both revisions, and the change from `base` to `head`. */
export function renderComparison(base: Results, head: Results): string {
  const rows = FIGURE_KEYS.flatMap((key) => {
    const [before, after] = [base.figures[key], head.figures[key]];
    if (before === undefined || after === undefined) return [];
    const { title, unit, digits } = FIGURES[key];
    const text = ({ median, min, max }: typeof before): string =>
      `${median.toFixed(digits)} (${min.toFixed(digits)} to ${max.toFixed(digits)}) ${unit}`.trimEnd();
    return [[title, text(before), text(after), change(before.median, after.median)]];
  });
  return renderRows([['figure', base.revision, head.revision, 'change'], ...rows]);
}

function change(before: number, after: number): string {
  if (before === after) return '';
  if (before === 0) return 'from 0';
  const percent = Math.round((after / before - 1) * 100);
  return `${percent > 0 ? '+' : ''}${percent} %`;
}
