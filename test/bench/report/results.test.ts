import { describe, expect, it } from 'vitest';
import { FIGURES, meets, ON_REQUEST } from './catalogue.ts';
import { FIGURE_KEYS, summarize } from './results.ts';
import { renderTable } from './table.ts';

describe('targets', () => {
  it.each([
    ['rssSettledMiB', 1_000, { atMost: 150 }],
    ['rssSettledMiB', 5_000, { atMost: 220 }],
    ['rssSettledMiB', 20_000, undefined],
    ['restartQuietSeconds', 1_000, { atMost: 4 }],
    ['restartQuietSeconds', 10_000, { atMost: 25 }],
    ['burstServersPerSecond', 1_000, { atLeast: 100, aim: true }],
    ['burstSeconds', 1_000, undefined],
  ] as const)('%s at %i servers', (key, servers, expected) => {
    expect(FIGURES[key].target(servers)).toEqual(expected);
  });

  it.each([
    [{ atMost: 2 }, 2, true],
    [{ atMost: 2 }, 2.1, false],
    [{ atLeast: 100 }, 99, false],
    [undefined, 1, undefined],
  ])('%o and %f', (target, value, expected) => {
    expect(meets(target, value)).toBe(expected);
  });
});

describe('results', () => {
  const figures = summarize(
    [{ coldStartMs: 500 }, { coldStartMs: 2_600, conflicts: 1 }, { coldStartMs: 700 }],
    1_000,
  );

  it('judge the median of the runs that measured a figure', () => {
    expect(figures.coldStartMs).toMatchObject({ median: 700, min: 500, max: 2_600, met: true });
    expect(figures.conflicts).toMatchObject({ median: 1, met: false });
    expect(figures.burstSeconds).toBeUndefined();
  });

  it('print as a table', () => {
    expect(renderTable({ figures })).toBe(
      [
        '| figure                                   | median | spread      | target          |        |',
        '| ---------------------------------------- | ------ | ----------- | --------------- | ------ |',
        '| process start until ready, nothing to do | 700 ms | 500 to 2600 | at most 2000 ms | pass   |',
        '| answers with 409 from first to last      | 1      |             | at most 0       | MISSED |',
      ].join('\n'),
    );
  });

  it('tell an aim that was not reached from a target that was missed', () => {
    const [, , row] = renderTable({ figures: summarize([{ editP50Ms: 12 }], 1_000) }).split('\n');
    expect(row).toMatch(/aim: at most 10 ms +\| not reached/);
  });
});

it.each(ON_REQUEST)('what %s measures is told by its keys', (phase) => {
  expect(FIGURE_KEYS.filter((key) => key.startsWith(phase)).length).toBeGreaterThan(1);
});
