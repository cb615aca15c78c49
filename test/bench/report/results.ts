/**
 * Results as JSON, for people and for the comparison of revisions: the machine, the settings, each run, and each figure's median and
 * spread beside its target.
 */
import { cpus, release, totalmem } from 'node:os';
import type { BenchSettings } from '../settings.ts';
import { FIGURES, meets, type FigureKey, type Measurements, type Target } from './catalogue.ts';
import { spread, type Spread } from './statistics.ts';

/** What ran where. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly node: string;
  readonly kubernetes: string;
}

/** One figure over all runs. */
export interface FigureResult extends Spread {
  readonly title: string;
  readonly unit: string;
  readonly target: Target | null;
  /** Whether the median meets the target; null without a target. */
  readonly met: boolean | null;
}

/** The content of `results/latest.json`. */
export interface Results {
  readonly schema: 'kilo-mcp-bench/v1';
  /** RFC 3339. */
  readonly finishedAt: string;
  /** The commit that was measured; `-dirty` when the tree differed from it. */
  readonly revision: string;
  readonly machine: Machine;
  readonly settings: BenchSettings;
  /** By key of `report/catalogue.ts`. */
  readonly figures: Readonly<Partial<Record<FigureKey, FigureResult>>>;
  readonly runs: readonly Measurements[];
}

const GIBIBYTE = 1024 ** 3;

/** Describes this machine. */
export function describeMachine(kubernetes: string): Machine {
  const processors = cpus();
  return {
    processor: processors[0]?.model ?? 'unknown',
    cores: processors.length,
    memoryGiB: Math.round(totalmem() / GIBIBYTE),
    kernel: release(),
    node: process.version,
    kubernetes,
  };
}

/** Puts the runs together, in the order of the catalogue. */
export function summarize(
  runs: readonly Measurements[],
  servers: number,
): Readonly<Partial<Record<FigureKey, FigureResult>>> {
  const rows = FIGURE_KEYS.flatMap((key) => {
    const values = runs.flatMap((run) => run[key] ?? []);
    return values.length === 0 ? [] : [[key, summarizeFigure(key, values, servers)] as const];
  });
  return Object.fromEntries(rows);
}

/** Every key, in the order of the catalogue. */
export const FIGURE_KEYS = Object.keys(FIGURES) as readonly FigureKey[];

function summarizeFigure(key: FigureKey, values: readonly number[], servers: number): FigureResult {
  const { title, unit, target: targetFor } = FIGURES[key];
  const target = targetFor(servers);
  const { median, min, max } = spread(values);
  return { title, unit, target: target ?? null, met: meets(target, median) ?? null, median, min, max };
}
