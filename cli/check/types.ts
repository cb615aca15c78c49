/** What the parts of `check` hand to one another. */
import type { Openings } from '../../checks/engine/index.ts';
import type { RunRecord, ServerResult } from '../../checks/engine/record.ts';
import type { ProbeTransport } from '../../mcp/index.ts';
import type { Output } from '../output.ts';
import type { HeaderVariables } from '../probe/flags.ts';
import type { CheckFormat, FAIL_ON_SEVERITIES } from './flags.ts';

export interface CheckCommandSettings {
  readonly version: string;
  readonly output: Output;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly done: (exitCode: number) => void;
}

/** The flags as they were parsed. */
export interface CheckFlags {
  readonly output: CheckFormat;
  readonly transport: ProbeTransport;
  readonly timeout: number;
  readonly failOn: (typeof FAIL_ON_SEVERITIES)[number];
  readonly minScore: number;
  readonly minCoverage: number;
  readonly issuer: readonly string[];
  readonly profile?: string;
  readonly header?: Readonly<Record<string, string>>;
  readonly headerEnv?: HeaderVariables;
  readonly headerFile?: string;
  readonly caFile?: string;
  readonly connectAddress?: string;
  readonly authRequired?: true;
  readonly audience?: string;
  readonly baselineHash?: string;
  readonly allowLinkLocal?: true;
  readonly all?: true;
}

/** What one run came to. */
export interface CheckResult {
  readonly run: RunRecord;
  readonly result: ServerResult;
  readonly openings: Openings;
}
