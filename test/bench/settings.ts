/** What `make bench` measures, from its variables: `make bench N=5000 RUNS=1`. */
import { ConfigError } from '../../core/errors.ts';

/** One benchmark. */
export interface BenchSettings {
  /** MCPServers. */
  readonly servers: number;
  /** Each on a fresh control plane. */
  readonly runs: number;
  /** Of an idle phase; figures are scaled to a minute. */
  readonly idleSeconds: number;
  /** Edits, and deleted children, one at a time. */
  readonly edits: number;
  /** Names of phases; empty means all. */
  readonly phases: readonly string[];
}

/** Reads the settings. @throws ConfigError naming the variable that is not a positive whole number. */
export function benchSettings(env: Readonly<Record<string, string | undefined>>): BenchSettings {
  return {
    servers: count(env, 'N', 1000),
    runs: count(env, 'RUNS', 3),
    idleSeconds: count(env, 'IDLE_SECONDS', 60),
    edits: count(env, 'EDITS', 200),
    phases: (env['PHASES'] ?? '').split(',').filter((name) => name !== ''),
  };
}

function count(env: Readonly<Record<string, string | undefined>>, name: string, otherwise: number): number {
  const text = env[name] ?? '';
  if (text === '') return otherwise;
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new ConfigError(`${name} is ${text}: give a whole number above 0`);
}
