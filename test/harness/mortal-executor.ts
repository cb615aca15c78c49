/**
 * An executor that is killed at one of its calls, before the call takes effect or after: from then on nothing that it does reaches anything, as when
 * the process is gone. It works on one request, so that many can be killed beside each other.
 */
import type { ApprovalRow } from '../../approval/index.ts';
import type { ExecutorOptions, Reached } from './executor.ts';

/** At which call, and whether the call still took effect. */
export interface Death {
  readonly call: number;
  readonly moment: 'before' | 'after';
}

/** @see module header */
export class Mortal {
  readonly #only: ApprovalRow;
  readonly #death: Death | undefined;
  #calls = 0;
  #isDead = false;

  /** @param death absent: it lives, and its calls are counted. */
  constructor(only: ApprovalRow, death?: Death) {
    this.#only = only;
    this.#death = death;
  }

  /** Calls so far that belong to the request: looks at the store are not counted. */
  get calls(): number {
    return this.#calls;
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  /** For the start of an executor. */
  options(): ExecutorOptions {
    return { between: (reached) => this.#between(reached) };
  }

  #between({ client, store, isLedgerContinued }: Reached): Reached {
    return {
      client: {
        get: (...args) => this.#call(() => client.get(...args)),
        list: (...args) => this.#call(() => client.list(...args)),
        create: (...args) => this.#call(() => client.create(...args)),
        patchJson: (...args) => this.#call(() => client.patchJson(...args)),
      },
      store: {
        openRequests: () => this.#look(store.openRequests()),
        requestsChangedSince: (...args) => this.#look(store.requestsChangedSince(...args)),
        admissionIntervals: (...args) => this.#call(() => store.admissionIntervals(...args)),
        advanceRequest: (...args) => this.#call(() => store.advanceRequest(...args)),
      },
      isLedgerContinued: (signal) => this.#call(() => isLedgerContinued(signal)),
    };
  }

  async #look(rows: Promise<readonly ApprovalRow[]>): Promise<readonly ApprovalRow[]> {
    const found = await rows;
    this.#lives();
    return found.filter(({ requestUid }) => requestUid === this.#only.requestUid);
  }

  async #call<T>(effect: () => Promise<T>): Promise<T> {
    this.#lives();
    this.#calls += 1;
    const isLast = this.#calls === this.#death?.call;
    if (isLast && this.#death?.moment === 'before') this.#die();
    const answer = await effect();
    if (isLast) this.#die();
    return answer;
  }

  #die(): never {
    this.#isDead = true;
    throw new Error('killed');
  }

  #lives(): void {
    if (this.#isDead) throw new Error('killed');
  }
}
