/**
 * The profile that comes with the program: every check of version 1 of the catalogue, as it is. It never changes; what is added to the
 * catalogue later comes in the next version.
 */
import type { ProfileCheck } from '../engine/evaluation-settings.ts';

export interface BuiltInProfile {
  readonly name: string;
  readonly checks: readonly ProfileCheck[];
}

/** Numbers of the checks, by family. */
const NUMBERS: Readonly<Record<string, readonly number[]>> = {
  C: [1, 3, 4, 5, 7],
  P: [1, 2, 3, 5, 6, 7, 8, 9, 10, 11],
  S: [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17],
  W: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
};

export const MCP_BASELINE_V1: BuiltInProfile = {
  name: 'mcp-baseline-v1',
  checks: Object.entries(NUMBERS).flatMap(([family, numbers]) =>
    numbers.map((number) => ({ id: `MCP-${family}${String(number).padStart(2, '0')}` })),
  ),
};
