/** The store, open: everything that needs a database driver is behind this module, which is loaded when a store is used first. */
import type {
  ChangeRecord,
  Fence,
  LedgerProof,
  RecordedServer,
  RunHistory,
  StatedChange,
} from '../checks/engine/history.ts';
import type {
  EvidenceRecord,
  FindingRecord,
  RunRecord,
  ServerReference,
  ServerResult,
} from '../checks/engine/record.ts';
import type { ApprovalStore, RefusedAttempt } from '../approval/store.ts';
import type { Clock } from '../core/clock.ts';
import { admissionIntervals, recordAdmission, recordRefusal } from './approval/admission.ts';
import { entriesOf, refusalsOf } from './approval/entries.ts';
import {
  executedActions,
  openRequests,
  request,
  requestNamed,
  requestsChangedSince,
  requestsFor,
} from './approval/reader.ts';
import { advanceRequest, openRequest } from './approval/requests.ts';
import type { Connection } from './connection.ts';
import { storeError } from './errors.ts';
import { Executor } from './executor.ts';
import { changes, recordChange } from './history/changes.ts';
import { evidence } from './history/evidence.ts';
import { previousFindings, recordServer, results } from './history/results.ts';
import { deleteRuns } from './history/retention.ts';
import { beginRun, finishRun, lastRun, openRun, run, runs } from './history/runs.ts';
import { Ledger } from './ledger/ledger.ts';
import { Outbox } from './outbox/outbox.ts';
import type { StoreSettings } from './settings.ts';
import type { Period, StoreOptions, StoreParts } from './options.ts';

/** Opens the database that the settings name. */
export async function openConnection(settings: StoreSettings, options: StoreOptions): Promise<Connection> {
  try {
    if (settings.mode === 'Embedded') {
      const { openEmbedded } = await import('./embedded/index.ts');
      return await openEmbedded(settings.directory, options);
    }
    const { openPostgres } = await import('./postgres/index.ts');
    return await openPostgres(settings, options);
  } catch (error) {
    throw storeError(error);
  }
}

/** What a store does, on an open connection. */
export class OpenStore implements StoreParts {
  readonly ledger: Ledger;
  readonly outbox: Outbox;
  readonly #executor: Executor;
  readonly #connection: Connection;
  readonly #clock: Clock;

  constructor(connection: Connection, clock: Clock) {
    this.#connection = connection;
    this.#executor = new Executor(connection.db, clock);
    this.#clock = clock;
    this.ledger = new Ledger(this.#executor, clock);
    this.outbox = new Outbox(this.#executor);
  }

  beginRun(record: RunRecord, servers: readonly ServerReference[], fence: Fence): Promise<void> {
    return beginRun(this.#executor, record, servers, fence);
  }

  openRun(ownerUid: string): ReturnType<RunHistory['openRun']> {
    return openRun(this.#executor, ownerUid);
  }

  previousFindings(ownerUid: string, serverUid: string): Promise<readonly FindingRecord[]> {
    return previousFindings(this.#executor, ownerUid, serverUid);
  }

  recordServer(runId: string, result: RecordedServer, fence: Fence): Promise<void> {
    return recordServer(this.#executor, runId, result, fence, this.#clock.now());
  }

  results(runId: string): Promise<readonly ServerResult[]> {
    return results(this.#executor, runId);
  }

  finishRun(runId: string, end: Parameters<RunHistory['finishRun']>[1], fence: Fence): Promise<void> {
    return finishRun(this.#executor, runId, end, fence);
  }

  lastRun(ownerUid: string): Promise<RunRecord | undefined> {
    return lastRun(this.#executor, ownerUid);
  }

  recordChange(change: StatedChange, fence: Fence): Promise<void> {
    return recordChange(this.#executor, change, fence);
  }

  deleteRuns(ownerUid: string, before: string, fence: Fence): Promise<number> {
    return deleteRuns(this.#executor, ownerUid, before, fence);
  }

  runs(period: Period, limit: number): Promise<readonly RunRecord[]> {
    return runs(this.#executor, period, limit);
  }

  run(id: string): Promise<RunRecord | undefined> {
    return run(this.#executor, id);
  }

  evidence(digest: string): Promise<EvidenceRecord | undefined> {
    return evidence(this.#executor, digest);
  }

  changes(period: Period): Promise<readonly ChangeRecord[]> {
    return changes(this.#executor, period);
  }

  ledgerProof(period: Period): Promise<LedgerProof> {
    return this.ledger.proof(period);
  }

  request(requestUid: string): ReturnType<ApprovalStore['request']> {
    return request(this.#executor, requestUid);
  }

  requestNamed(namespace: string, name: string): ReturnType<ApprovalStore['requestNamed']> {
    return requestNamed(this.#executor, namespace, name);
  }

  entriesOf(requestUid: string): ReturnType<ApprovalStore['entriesOf']> {
    return entriesOf(this.#executor, requestUid);
  }

  refusalsOf(namespace: string, name: string): ReturnType<ApprovalStore['refusalsOf']> {
    return refusalsOf(this.#executor, namespace, name);
  }

  openRequests(): ReturnType<ApprovalStore['openRequests']> {
    return openRequests(this.#executor);
  }

  requestsChangedSince(ledgerSeq: number, limit: number): ReturnType<ApprovalStore['requestsChangedSince']> {
    return requestsChangedSince(this.#executor, ledgerSeq, limit);
  }

  requestsFor(target: Parameters<ApprovalStore['requestsFor']>[0]): ReturnType<ApprovalStore['requestsFor']> {
    return requestsFor(this.#executor, target);
  }

  executedActions(targetUid: string): ReturnType<ApprovalStore['executedActions']> {
    return executedActions(this.#executor, targetUid);
  }

  admissionIntervals(from: string): ReturnType<ApprovalStore['admissionIntervals']> {
    return admissionIntervals(this.#executor, from);
  }

  openRequest(
    ...parameters: Parameters<ApprovalStore['openRequest']>
  ): ReturnType<ApprovalStore['openRequest']> {
    return openRequest(this.#executor, ...parameters);
  }

  advanceRequest(
    ...parameters: Parameters<ApprovalStore['advanceRequest']>
  ): ReturnType<ApprovalStore['advanceRequest']> {
    return advanceRequest(this.#executor, ...parameters);
  }

  recordRefusal(attempt: RefusedAttempt): ReturnType<ApprovalStore['recordRefusal']> {
    return recordRefusal(this.#executor, attempt);
  }

  recordAdmission(
    ...parameters: Parameters<ApprovalStore['recordAdmission']>
  ): ReturnType<ApprovalStore['recordAdmission']> {
    return recordAdmission(this.#executor, ...parameters);
  }

  pool(): ReturnType<Connection['pool']> {
    return this.#connection.pool();
  }

  close(): Promise<void> {
    return this.#connection.close();
  }
}
