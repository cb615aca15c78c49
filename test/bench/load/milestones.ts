/** How far requests for approval came, and when that was seen: by a watch, as people see it. */
import type { ApprovalRequest, ApprovalRequestStatus } from '../../../api/index.ts';
import { systemClock } from '../../../core/clock.ts';
import type { PlainClient } from '../../harness/plain-client.ts';
import { waitFor } from '../../harness/wait.ts';
import { requestsPath } from '../../harness/approval.ts';

/** In their order. `Other` is every end but Executed. */
type Milestone = 'Pending' | 'Approved' | 'Executed' | 'Other';

const OTHER_ENDS: readonly unknown[] = [
  'Denied',
  'Expired',
  'Cancelled',
  'Superseded',
  'Failed',
  'RolledBack',
];

/** @returns what the status shows to have been reached; a status may show several at once. */
export function milestonesIn(status: ApprovalRequestStatus = {}): readonly Milestone[] {
  const { phase, derived, conditions = [] } = status;
  const reached: Record<Milestone, boolean> = {
    // What can be decided on: the digest is there.
    Pending: phase === 'Pending' && derived?.digest !== undefined,
    Approved: conditions.some((condition) => condition.type === 'Approved' && condition.status === 'True'),
    Executed: phase === 'Executed',
    Other: OTHER_ENDS.includes(phase),
  };
  return (Object.keys(reached) as Milestone[]).filter((milestone) => reached[milestone]);
}

/** The requests of a namespace. */
export class Milestones {
  readonly #requests = new Map<string, ApprovalRequest>();
  readonly #times = new Map<Milestone, Map<string, number>>();

  /** Begins to look, with what is there. */
  static async watch(client: PlainClient, namespace: string, signal: AbortSignal): Promise<Milestones> {
    const milestones = new Milestones();
    const path = `${requestsPath(namespace)}?watch=true&timeoutSeconds=86400`;
    await client.watch(
      path,
      // A boundary: what the API server sends.
      ({ object }) => milestones.see(object as ApprovalRequest, systemClock.monotonicMs()),
      signal,
    );
    return milestones;
  }

  /** Only the first time counts. */
  see(request: ApprovalRequest, atMs: number): void {
    const { name } = request.metadata;
    this.#requests.set(name, request);
    for (const milestone of milestonesIn(request.status)) {
      const times = this.#times.get(milestone) ?? new Map<string, number>();
      if (!times.has(name)) times.set(name, atMs);
      this.#times.set(milestone, times);
    }
  }

  /** @returns the request as it was seen last. @throws when it never was. */
  request(name: string): ApprovalRequest {
    const request = this.#requests.get(name);
    if (request === undefined) throw new Error(`no request ${name} was seen`);
    return request;
  }

  /** How many came so far. */
  count(milestone: Milestone): number {
    return this.#times.get(milestone)?.size ?? 0;
  }

  /** @returns how long each took from its time in `from` until then, in milliseconds; those that are not there yet are left out. */
  since(from: ReadonlyMap<string, number>, milestone: Milestone): readonly number[] {
    const times = this.#times.get(milestone);
    return [...from].flatMap(([name, fromMs]) => {
      const atMs = times?.get(name);
      return atMs === undefined ? [] : [atMs - fromMs];
    });
  }

  /** Resolves when so many came so far. @throws with what the first one shows that did not. */
  async until(milestone: Milestone, count: number, deadlineMs: number): Promise<void> {
    const look = (): boolean => {
      if (this.count(milestone) >= count) return true;
      throw new Error(`${this.count(milestone)} are; this one is not: ${this.#other(milestone)}`);
    };
    const description = `${count} requests to be ${milestone}`;
    await waitFor(look, { deadlineMs, intervalMs: 100, description });
  }

  #other(milestone: Milestone): string {
    const times = this.#times.get(milestone);
    const other = [...this.#requests.values()].find(({ metadata }) => times?.has(metadata.name) !== true);
    return JSON.stringify(other?.status ?? {});
  }
}
