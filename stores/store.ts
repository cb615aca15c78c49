/**
 * The store as the process holds it: it exists before the database can be reached, opens it when it is used first, and again after that failed,
 * so that a database that is down at the start keeps nobody from starting.
 */
import {
  StoreUnavailableError,
  type ChangeRecord,
  type Fence,
  type RecordedServer,
  type LedgerProof,
  type RunHistory,
  type StatedChange,
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
import { ConfigError } from '../core/errors.ts';
import type { Ledger } from './ledger/ledger.ts';
import type { Outbox } from './outbox/outbox.ts';
import type { OpenStore } from './open-store.ts';
import type { Period, StoreOptions, StoreParts } from './options.ts';
import { checkStoreSettings, type StoreSettings } from './settings.ts';

/** Compliance history, its ledger and its outbox. */
export class Store implements StoreParts {
  readonly mode: StoreSettings['mode'];
  readonly #settings: StoreSettings;
  readonly #clock: Clock;
  readonly #options: StoreOptions;
  #opening: Promise<OpenStore> | undefined;
  #open: OpenStore | undefined;
  #closed = false;

  /** @throws ConfigError when the settings do not go together, or name no store. */
  constructor(settings: StoreSettings, clock: Clock, options: StoreOptions = { migrate: true }) {
    checkStoreSettings(settings);
    if (settings.mode === 'None') throw new ConfigError('store.mode: there is no store in mode None');
    this.mode = settings.mode;
    this.#settings = settings;
    this.#clock = clock;
    this.#options = options;
  }

  /** Opens and migrates unless it is open. @throws StoreUnavailableError, StoreRefusedError */
  async open(): Promise<OpenStore> {
    if (this.#closed) throw new StoreUnavailableError('the store is closed');
    if (this.#open !== undefined) return this.#open;
    this.#opening ??= this.#connect();
    try {
      this.#open = await this.#opening;
      return this.#open;
    } finally {
      this.#opening = undefined;
    }
  }

  async ledger(): Promise<Ledger> {
    return (await this.open()).ledger;
  }

  async outbox(): Promise<Outbox> {
    return (await this.open()).outbox;
  }

  async beginRun(run: RunRecord, servers: readonly ServerReference[], fence: Fence): Promise<void> {
    return (await this.open()).beginRun(run, servers, fence);
  }

  async openRun(ownerUid: string): ReturnType<RunHistory['openRun']> {
    return (await this.open()).openRun(ownerUid);
  }

  async previousFindings(ownerUid: string, serverUid: string): Promise<readonly FindingRecord[]> {
    return (await this.open()).previousFindings(ownerUid, serverUid);
  }

  async recordServer(runId: string, result: RecordedServer, fence: Fence): Promise<void> {
    return (await this.open()).recordServer(runId, result, fence);
  }

  async results(runId: string): Promise<readonly ServerResult[]> {
    return (await this.open()).results(runId);
  }

  async finishRun(runId: string, end: Parameters<RunHistory['finishRun']>[1], fence: Fence): Promise<void> {
    return (await this.open()).finishRun(runId, end, fence);
  }

  async lastRun(ownerUid: string): Promise<RunRecord | undefined> {
    return (await this.open()).lastRun(ownerUid);
  }

  async recordChange(change: StatedChange, fence: Fence): Promise<void> {
    return (await this.open()).recordChange(change, fence);
  }

  async deleteRuns(ownerUid: string, before: string, fence: Fence): Promise<number> {
    return (await this.open()).deleteRuns(ownerUid, before, fence);
  }

  async runs(period: Period, limit: number): Promise<readonly RunRecord[]> {
    return (await this.open()).runs(period, limit);
  }

  async run(id: string): Promise<RunRecord | undefined> {
    return (await this.open()).run(id);
  }

  async evidence(digest: string): Promise<EvidenceRecord | undefined> {
    return (await this.open()).evidence(digest);
  }

  async changes(period: Period): Promise<readonly ChangeRecord[]> {
    return (await this.open()).changes(period);
  }

  async ledgerProof(period: Period): Promise<LedgerProof> {
    return (await this.open()).ledgerProof(period);
  }

  async request(requestUid: string): ReturnType<ApprovalStore['request']> {
    return (await this.open()).request(requestUid);
  }

  async requestNamed(namespace: string, name: string): ReturnType<ApprovalStore['requestNamed']> {
    return (await this.open()).requestNamed(namespace, name);
  }

  async entriesOf(requestUid: string): ReturnType<ApprovalStore['entriesOf']> {
    return (await this.open()).entriesOf(requestUid);
  }

  async refusalsOf(namespace: string, name: string): ReturnType<ApprovalStore['refusalsOf']> {
    return (await this.open()).refusalsOf(namespace, name);
  }

  async openRequests(): ReturnType<ApprovalStore['openRequests']> {
    return (await this.open()).openRequests();
  }

  async requestsChangedSince(
    ledgerSeq: number,
    limit: number,
  ): ReturnType<ApprovalStore['requestsChangedSince']> {
    return (await this.open()).requestsChangedSince(ledgerSeq, limit);
  }

  async requestsFor(
    target: Parameters<ApprovalStore['requestsFor']>[0],
  ): ReturnType<ApprovalStore['requestsFor']> {
    return (await this.open()).requestsFor(target);
  }

  async executedActions(targetUid: string): ReturnType<ApprovalStore['executedActions']> {
    return (await this.open()).executedActions(targetUid);
  }

  async admissionIntervals(from: string): ReturnType<ApprovalStore['admissionIntervals']> {
    return (await this.open()).admissionIntervals(from);
  }

  async openRequest(
    ...parameters: Parameters<ApprovalStore['openRequest']>
  ): ReturnType<ApprovalStore['openRequest']> {
    return (await this.open()).openRequest(...parameters);
  }

  async advanceRequest(
    ...parameters: Parameters<ApprovalStore['advanceRequest']>
  ): ReturnType<ApprovalStore['advanceRequest']> {
    return (await this.open()).advanceRequest(...parameters);
  }

  async recordRefusal(attempt: RefusedAttempt): ReturnType<ApprovalStore['recordRefusal']> {
    return (await this.open()).recordRefusal(attempt);
  }

  async recordAdmission(
    ...parameters: Parameters<ApprovalStore['recordAdmission']>
  ): ReturnType<ApprovalStore['recordAdmission']> {
    return (await this.open()).recordAdmission(...parameters);
  }

  /** Ends every connection; what runs is waited for. */
  async close(): Promise<void> {
    this.#closed = true;
    // An opening that fails has nothing to close.
    const open = this.#open ?? (await this.#opening?.catch(() => undefined));
    await open?.close();
  }

  async #connect(): Promise<OpenStore> {
    const { openConnection, OpenStore } = await import('./open-store.ts');
    return new OpenStore(await openConnection(this.#settings, this.#options), this.#clock);
  }
}
