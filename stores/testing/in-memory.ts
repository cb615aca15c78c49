/** A whole store in memory, PGlite underneath: for tests of who uses one. */
import type { Clock } from '../../core/clock.ts';
import { openInMemory } from '../embedded/index.ts';
import { OpenStore } from '../open-store.ts';

/** @returns an empty store; close it at the end. Starting it takes seconds: share it between tests. */
export async function inMemoryStore(clock: Clock): Promise<OpenStore> {
  return new OpenStore(await openInMemory(), clock);
}
