/** History in memory, for tests of runs: with the rules that matter to them, and a switch to take it away. */
import {
  FencedError,
  StoreUnavailableError,
  type Fence,
  type RunHistory,
  type StatedChange,
} from '../../../checks/engine/history.ts';
import type {
  FindingRecord,
  RunRecord,
  ServerReference,
  ServerResult,
} from '../../../checks/engine/record.ts';

interface Stored {
  run: RunRecord;
  readonly servers: readonly ServerReference[];
  readonly results: Map<string, ServerResult>;
}

export class FakeHistory implements RunHistory {
  isDown = false;
  /** The epoch of the newest leader. */
  epoch = 0;
  readonly runs: Stored[] = [];
  readonly recorded: StatedChange[] = [];
  readonly deletedBefore: string[] = [];

  beginRun(run: RunRecord, servers: readonly ServerReference[], fence: Fence): Promise<void> {
    return this.#write(fence, () => void this.runs.push({ run, servers, results: new Map() }));
  }

  openRun(ownerUid: string): ReturnType<RunHistory['openRun']> {
    return this.#use(() => {
      const open = this.runs.find(({ run }) => run.owner?.uid === ownerUid && run.finishedAt === undefined);
      return open && { run: open.run, servers: open.servers, done: [...open.results.keys()] };
    });
  }

  previousFindings(ownerUid: string, serverUid: string): Promise<readonly FindingRecord[]> {
    return this.#use(() => {
      const finished = this.#finished(ownerUid).filter(({ results }) => results.has(serverUid));
      return finished.at(-1)?.results.get(serverUid)?.findings ?? [];
    });
  }

  recordServer(runId: string, result: ServerResult, fence: Fence): Promise<void> {
    return this.#write(fence, () => void this.#run(runId).results.set(result.server.uid, result));
  }

  results(runId: string): Promise<readonly ServerResult[]> {
    return this.#use(() => [...this.#run(runId).results.values()]);
  }

  finishRun(runId: string, end: Parameters<RunHistory['finishRun']>[1], fence: Fence): Promise<void> {
    return this.#write(fence, () => {
      const stored = this.#run(runId);
      stored.run = { ...stored.run, ...end };
    });
  }

  lastRun(ownerUid: string): Promise<RunRecord | undefined> {
    return this.#use(() => this.#finished(ownerUid).at(-1)?.run);
  }

  recordChange(change: StatedChange, fence: Fence): Promise<void> {
    return this.#write(fence, () => void this.recorded.push(change));
  }

  deleteRuns(_ownerUid: string, before: string, fence: Fence): Promise<number> {
    return this.#write(fence, () => {
      this.deletedBefore.push(before);
      return 0;
    });
  }

  #finished(ownerUid: string): readonly Stored[] {
    return this.runs.filter(({ run }) => run.owner?.uid === ownerUid && run.finishedAt !== undefined);
  }

  #run(id: string): Stored {
    const stored = this.runs.find(({ run }) => run.id === id);
    if (stored === undefined) throw new Error(`there is no run ${id}`);
    return stored;
  }

  async #use<T>(work: () => T): Promise<T> {
    if (this.isDown) throw new StoreUnavailableError('connection refused');
    return Promise.resolve(work());
  }

  async #write<T>(fence: Fence, work: () => T): Promise<T> {
    if (!this.isDown && fence.epoch < this.epoch) throw new FencedError('a newer leader wrote before');
    return this.#use(work);
  }
}
