/**
 * An instance that nobody on this machine uses, for tests that start a cluster of their own beside whatever runs.
 */
import { ConfigError } from '../../../core/errors.ts';
import { LAST_INSTANCE, instance } from '../instance.ts';
import { readNodeOwner } from '../state.ts';
import { namespaceExists } from './network.ts';

/** The highest free instance number but the last, which is the demo's test's: people count from the other end. */
export async function freeInstance(): Promise<number> {
  for (let number = LAST_INSTANCE - 1; number > 0; number -= 1) {
    const candidate = instance(number);
    const owner = await readNodeOwner(candidate);
    if (owner === undefined && !(await namespaceExists(candidate.network.name))) return number;
  }
  throw new ConfigError('all instances are in use: take a cluster down');
}
