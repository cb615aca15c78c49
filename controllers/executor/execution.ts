/**
 * One request, from Approved to its end. Every step is decided from the row and the target as they are, and the row moves before the target does, by
 * compare-and-set: whoever is killed between two steps leaves a state from which the next one goes on, and nothing is done twice.
 */
import type { MCPServer } from '../../api/index.ts';
import {
  begin,
  finish,
  isReadyToBegin,
  mayBegin,
  mayGoOn,
  ApprovalConflictError,
  type ApprovalFence,
  type ApprovalRow,
  type ApprovalStore,
  type ExecutionOutcome,
  type PatchEffect,
  type PatchOperation,
  type Permission,
  type PreImage,
  type Transition,
} from '../../approval/index.ts';
import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/logger.ts';
import type { RenderSettings } from '../../render/index.ts';
import { forbiddenPointers } from './allowed-pointers.ts';
import type { Cluster, PatchAnswer } from './cluster.ts';
import { failed, nameOf, notAllowed, ownedByGit, refusal } from './outcomes.ts';
import { nextStep } from './resume.ts';
import { imageOf, ownerOf, preImageOf } from './target.ts';
import { type FailedCheck, failedChecks, failureMessage, isCrash, settlementOf } from './verdict.ts';

/** `outdated`: the target was written meanwhile, so that the next look tells. */
type Prepared = { readonly preImage?: PreImage; readonly refusal?: ExecutionOutcome } | 'outdated';
type Refused = Extract<Permission, { readonly may: false }>;

/** The row as it is now, and when it is to be looked at again; undefined when it is over. */
export type Again = { readonly row: ApprovalRow; readonly afterMs: number } | undefined;

export interface ExecutionOptions {
  readonly cluster: Cluster;
  readonly store: Pick<ApprovalStore, 'advanceRequest'>;
  /** Whether the ledger goes on from its checkpoint outside: a database that was restored executes nothing. */
  readonly isLedgerContinued: (signal: AbortSignal) => Promise<boolean>;
  readonly rendering: RenderSettings;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long a server may take to be Ready after a change, in milliseconds. */
  readonly settleMs: number;
}

const SETTLE_POLL_MS = 1_000;
/** For what changes by itself: a right that is given back, a store that was acknowledged. */
const LATER_MS = 10_000;
/** A freeze that ends, or is lifted, shows in the row as well, and that is looked at when it is written. */
const FROZEN_MS = 60_000;

/** @see module header */
export class Execution {
  readonly #options: ExecutionOptions;
  /** By request: since when its server settles, by the monotonic clock. A restart begins anew, and is bounded too. */
  readonly #settlingSinceMs = new Map<string, number>();
  /** By request: the version of its row that this process wrote, or counted decisions for. Any other one may be anybody's. */
  readonly #vouched = new Map<string, number>();

  constructor(options: ExecutionOptions) {
    this.#options = options;
  }

  /**
   * Does the next step of a request that is Approved or Executing.
   * @throws ApprovalConflictError when the row is not as it was read; StoreUnavailableError; FencedError; what the API server answers in vain.
   */
  async step(row: ApprovalRow, fence: ApprovalFence, signal: AbortSignal): Promise<Again> {
    try {
      const again =
        row.phase === 'Approved'
          ? await this.#begin(row, fence, signal)
          : await this.#goOn(row, fence, signal);
      if (again === undefined) this.#forget(row);
      return again;
    } catch (error) {
      if (error instanceof ApprovalConflictError) this.#forget(row);
      throw error;
    }
  }

  #forget({ requestUid }: ApprovalRow): void {
    this.#settlingSinceMs.delete(requestUid);
    this.#vouched.delete(requestUid);
  }

  async #begin(row: ApprovalRow, fence: ApprovalFence, signal: AbortSignal): Promise<Again> {
    const { cluster, clock } = this.#options;
    // What the row itself says costs no question: most that wait, wait for this.
    const ready = isReadyToBegin(row, clock.now());
    if (!ready.may) return this.#notYet(row, ready);
    if (!(await this.#isLedgerContinued(row, signal))) return { row, afterMs: LATER_MS };
    const { effect } = row.derived.plan;
    const prepared = effect.kind === 'Patch' ? await this.#prepare(row, effect, signal) : {};
    if (prepared === 'outdated') return { row, afterMs: 0 };
    // Decisions last: a denial that came in meanwhile counts.
    const permission = mayBegin(row, await cluster.factsOf(row, signal), clock.now());
    if (!permission.may) return this.#notYet(row, permission);
    const executing = await this.#advance(begin(row, prepared.preImage, clock.now()), fence);
    if (prepared.refusal === undefined) return { row: executing, afterMs: 0 };
    return this.#finish(executing, prepared.refusal, fence);
  }

  #notYet(row: ApprovalRow, { reason, message }: Refused): Again {
    this.#options.logger.debug('nothing is executed yet', { request: nameOf(row), reason, message });
    return { row, afterMs: reason === 'Freeze' ? FROZEN_MS : LATER_MS };
  }

  async #isLedgerContinued(row: ApprovalRow, signal: AbortSignal): Promise<boolean> {
    const { isLedgerContinued, logger } = this.#options;
    const isContinued = await isLedgerContinued(signal);
    if (!isContinued)
      logger.warn('nothing is executed: the ledger does not go on from its checkpoint', {
        request: nameOf(row),
      });
    return isContinued;
  }

  /**
   * Nothing is changed yet: what may not be, or what the API server would not take, ends the request here. A status that was written between the
   * look and the dry run is no refusal.
   */
  async #prepare(row: ApprovalRow, { operations }: PatchEffect, signal: AbortSignal): Promise<Prepared> {
    const { cluster } = this.#options;
    const before = await cluster.server(row, signal);
    if (before === undefined) return { refusal: failed('TargetGone', 'the target was deleted') };
    const owner = ownerOf(before);
    if (owner !== undefined) return { refusal: ownedByGit(owner) };
    const answer = await cluster.patch(before, operations, { dryRun: true }, signal);
    if (answer.kind === 'refused')
      return (await this.#isOutdated(row, before, signal)) ? 'outdated' : { refusal: refusal(answer) };
    const [pointer] = forbiddenPointers(row.action.kind, operations, before.spec, answer.server.spec);
    if (pointer !== undefined) return { refusal: failed('NotPermitted', notAllowed(pointer)) };
    return { preImage: preImageOf(before, answer.server, operations) };
  }

  /** Whoever was interrupted, and whoever meets a row that is not as this process left it, begins with the same questions as at first. */
  async #goOn(row: ApprovalRow, fence: ApprovalFence, signal: AbortSignal): Promise<Again> {
    if (this.#vouched.get(row.requestUid) === row.version) return this.#next(row, fence, signal);
    if (!(await this.#isLedgerContinued(row, signal))) return { row, afterMs: LATER_MS };
    const permission = mayGoOn(row, await this.#options.cluster.factsOf(row, signal));
    if (!permission.may) return this.#stop(row, permission, fence);
    this.#vouched.set(row.requestUid, row.version);
    return this.#next(row, fence, signal);
  }

  async #next(row: ApprovalRow, fence: ApprovalFence, signal: AbortSignal): Promise<Again> {
    const { cluster, clock } = this.#options;
    const { effect } = row.derived.plan;
    const target = effect.kind === 'Patch' ? await cluster.server(row, signal) : undefined;
    const next = nextStep(row, imageOf(row, target), clock.now());
    if (next.kind === 'finish') return this.#finish(row, next.outcome, fence);
    // Compared with an image, so it is there.
    if (target === undefined || effect.kind !== 'Patch') return { row, afterMs: 0 };
    if (next.kind === 'apply') return this.#apply(row, { target, effect }, fence, signal);
    if (next.kind === 'verify') return this.#verify(row, target, fence, signal);
    return this.#rollBack(row, target, fence, signal);
  }

  /** A row that says Executing is no proof that somebody counted: whoever can write rows could have written it. */
  async #stop(row: ApprovalRow, { reason, message }: Refused, fence: ApprovalFence): Promise<Again> {
    if (reason === 'AuthorityUnknown') return { row, afterMs: LATER_MS };
    return this.#finish(row, failed('NotPermitted', message), fence);
  }

  async #apply(
    row: ApprovalRow,
    { target, effect }: { readonly target: MCPServer; readonly effect: PatchEffect },
    fence: ApprovalFence,
    signal: AbortSignal,
  ): Promise<Again> {
    const answer = await this.#patch(row, target, effect.operations, signal);
    if (answer.kind === 'patched') return { row, afterMs: 0 };
    if (await this.#isOutdated(row, target, signal)) return { row, afterMs: 0 };
    return this.#finish(row, refusal(answer), fence);
  }

  /** A status that was written in between is no refusal: the next look has its resource version. */
  async #isOutdated(row: ApprovalRow, { metadata }: MCPServer, signal: AbortSignal): Promise<boolean> {
    const seen = await this.#options.cluster.server(row, signal);
    return seen?.metadata.resourceVersion !== metadata.resourceVersion;
  }

  async #verify(
    row: ApprovalRow,
    server: MCPServer,
    fence: ApprovalFence,
    signal: AbortSignal,
  ): Promise<Again> {
    const { cluster, rendering } = this.#options;
    const { preImage, derived } = row;
    const settlement = settlementOf(server, { wasReady: preImage?.wasReady === true });
    const settledInTime = this.#settlesInTime(row);
    if (settlement.kind === 'pending' && settledInTime) return { row, afterMs: SETTLE_POLL_MS };
    if (settlement.kind !== 'settled') return this.#turnBack(row, 'NotSettled', settlement.message, fence);
    const namespace = await cluster.namespace(row.namespace, signal);
    const { verifyChecks } = derived.plan;
    const failures = failedChecks(server, namespace, rendering, verifyChecks);
    this.#sayCrashes(row, failures);
    if (failures.length > 0)
      return this.#turnBack(row, 'VerificationFailed', failureMessage(failures), fence);
    const outcome = {
      phase: 'Executed',
      reason: 'Verified',
      message: 'the change was made, and the checks that it is for pass',
      details: { checks: verifyChecks, generation: server.metadata.generation ?? 0 },
    } as const;
    return this.#finish(row, outcome, fence);
  }

  /** A fault of the check, which the row tells in one line: here with where it happened. */
  #sayCrashes(row: ApprovalRow, failures: readonly FailedCheck[]): void {
    for (const { id, cause } of failures.filter(isCrash))
      this.#options.logger.error('a check could not be evaluated after a change', {
        request: nameOf(row),
        check: id,
        error: cause,
      });
  }

  #settlesInTime({ requestUid }: ApprovalRow): boolean {
    const nowMs = this.#options.clock.monotonicMs();
    const sinceMs = this.#settlingSinceMs.get(requestUid) ?? nowMs;
    this.#settlingSinceMs.set(requestUid, sinceMs);
    return nowMs - sinceMs < this.#options.settleMs;
  }

  /** Says so before it is done, so that nobody who goes on from here applies the patch again. */
  async #turnBack(
    row: ApprovalRow,
    reason: 'VerificationFailed' | 'NotSettled',
    message: string,
    fence: ApprovalFence,
  ): Promise<Again> {
    const next: ApprovalRow = { ...row, rollback: { reason, message } };
    const events = [{ event: 'RollingBack', person: '', details: { reason, message } }];
    return { row: await this.#advance({ row: next, events, messages: [] }, fence), afterMs: 0 };
  }

  async #rollBack(
    row: ApprovalRow,
    target: MCPServer,
    fence: ApprovalFence,
    signal: AbortSignal,
  ): Promise<Again> {
    const answer = await this.#patch(row, target, row.preImage?.inverse ?? [], signal);
    if (answer.kind === 'patched') return { row, afterMs: 0 };
    if (await this.#isOutdated(row, target, signal)) return { row, afterMs: 0 };
    const message = `${row.rollback?.message ?? ''}; the values before could not be put back: ${answer.message}`;
    return this.#finish(row, failed('RollbackFailed', message), fence);
  }

  /** Tried without effect first, and looked at: the digest does not bind what takes a patch back, and the row may be somebody else's. */
  async #patch(
    row: ApprovalRow,
    target: MCPServer,
    operations: readonly PatchOperation[],
    signal: AbortSignal,
  ): Promise<PatchAnswer> {
    const { cluster } = this.#options;
    const tried = await cluster.patch(target, operations, { dryRun: true }, signal);
    if (tried.kind === 'refused') return tried;
    const [was, becomes] = [target.spec, tried.server.spec];
    // On the way back what was only to be removed is put back.
    const isBack = row.rollback !== undefined;
    const [before, after] = isBack ? [becomes, was] : [was, becomes];
    const [pointer] = forbiddenPointers(row.action.kind, operations, before, after);
    if (pointer !== undefined) return { kind: 'refused', isForbidden: true, message: notAllowed(pointer) };
    return cluster.patch(target, operations, { dryRun: false }, signal);
  }

  async #finish(row: ApprovalRow, outcome: ExecutionOutcome, fence: ApprovalFence): Promise<Again> {
    const { logger, clock } = this.#options;
    await this.#advance(finish(row, outcome, clock.now()), fence);
    const { phase, reason, message } = outcome;
    const fields = { request: nameOf(row), phase, reason, message };
    if (phase === 'Failed') logger.error('a request could not be executed', fields);
    else logger.info('a request was executed', fields);
    return undefined;
  }

  async #advance({ row, events, messages }: Transition, fence: ApprovalFence): Promise<ApprovalRow> {
    const written = await this.#options.store.advanceRequest(row, events, messages, fence);
    // Somebody may have written since: then it is not ours that was read back.
    if (written.version === row.version + 1) this.#vouched.set(row.requestUid, written.version);
    return written;
  }
}
