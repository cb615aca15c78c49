/** Checkpoints as files hold them: one JSON object a line, as in the operator's ConfigMap. */
import { readFileSync } from 'node:fs';
import { ConfigError, errorMessage } from '../../core/errors.ts';
import type { KeptCheckpoint } from './ledger.ts';

/** @throws ConfigError naming the file, and the line that is no checkpoint. */
export function readCheckpoints(path: string): readonly KeptCheckpoint[] {
  return read(path)
    .split('\n')
    .flatMap((line, index) => {
      if (line.trim() === '') return [];
      const value = parse(line);
      if (isCheckpoint(value)) return [value];
      throw new ConfigError(
        `--checkpoints: line ${index + 1} of ${path} is no checkpoint: write {"chain": …, "seq": …, "hash": …, "at": …}`,
      );
    });
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigError(`--checkpoints: ${errorMessage(error)}`, { cause: error });
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    // The caller says which line.
    return undefined;
  }
}

function isCheckpoint(value: unknown): value is KeptCheckpoint {
  if (typeof value !== 'object' || value === null) return false;
  const { chain, seq, hash, at } = value as Partial<Record<keyof KeptCheckpoint, unknown>>;
  const texts = typeof chain === 'string' && typeof hash === 'string' && typeof at === 'string';
  return texts && Number.isInteger(seq) && /^[0-9a-f]{64}$/.test(hash);
}
