/** What is remembered of a check between two looks at it. Everything here can be read from history again. */
import type { RunRecord, RunTrigger, ServerReference } from '../../checks/engine/record.ts';
import type { Publication } from '../compliancereport/index.ts';
import type { CheckOwner } from './kinds.ts';
import type { ServerSummary } from './summary.ts';

/** A run that a process before this one, or a leader before, has not finished. */
export interface OpenRun {
  readonly run: RunRecord;
  readonly servers: readonly ServerReference[];
  /** Uids of servers that are done. */
  readonly done: readonly string[];
}

/** The run that is under way. */
export interface CurrentRun {
  readonly id: string;
  readonly startedAt: string;
  readonly trigger: RunTrigger;
  readonly phase: 'Running' | 'Aggregating';
}

/** A run over all servers, by what it went by. */
export interface FullRun {
  readonly startedAt: string;
  readonly generation: number;
}

/** @see module header. */
export interface CheckMemory {
  readonly owner: CheckOwner;
  /** Whether history was asked what there is; nothing is decided before. */
  isRestored: boolean;
  /** Ends the work for the check: it is gone. */
  readonly end: AbortController;
  /** Whether work for the check is under way: reading history, recording a change, or a run. */
  isBusy: boolean;
  openRun: OpenRun | undefined;
  current: CurrentRun | undefined;
  last: RunRecord | undefined;
  lastFull: FullRun | undefined;
  /** The request that was answered last. */
  answered: string | undefined;
  /** Why the store could not be used at the last attempt. */
  storeProblem: string | undefined;
  /** By uid of the server. */
  readonly summaries: Map<string, ServerSummary>;
  /** Uids of servers that could not be evaluated when they were last asked. */
  readonly unevaluated: Set<string>;
  /** What of each server was evaluated last, by uid. */
  readonly subjects: Map<string, string>;
  /** What became of each server's report, by uid; only what is worth telling. */
  readonly reports: Map<string, Extract<Publication['kind'], 'noAPI' | 'foreign' | 'failed' | 'suspended'>>;
  /** Whether a report was published, or tried to be, by this process. */
  hasPublished: boolean;
  /** Generation of the check whose changes are in the ledger, and the digests of its waivers and its profile. */
  recorded: { readonly generation: number; readonly waivers: string; readonly profile: string } | undefined;
}

export function newMemory(owner: CheckOwner): CheckMemory {
  return {
    owner,
    end: new AbortController(),
    isRestored: false,
    isBusy: false,
    openRun: undefined,
    current: undefined,
    last: undefined,
    lastFull: undefined,
    answered: undefined,
    storeProblem: undefined,
    summaries: new Map(),
    unevaluated: new Set(),
    subjects: new Map(),
    reports: new Map(),
    hasPublished: false,
    recorded: undefined,
  };
}
