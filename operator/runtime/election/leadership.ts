/** What leading means to those who lead, and to those who count. */
import { TransientError } from '../../../core/errors.ts';

/** What a leader knows. */
export interface Leadership {
  /** Grows with each change of leader: the fencing token for writes outside the cluster. */
  readonly epoch: number;
  /** Uid of the Lease that the epoch is of; absent without election. */
  readonly lease?: string;
  /** Aborts when leadership is lost. */
  readonly signal: AbortSignal;
}

/** Leadership could not be renewed in time, or another holds the lease. The process must end. */
export class LeadershipLostError extends TransientError {
  override readonly name = 'LeadershipLostError';
}

/** Counts what an elector does. */
export interface LeadershipObserver {
  /** Leadership begins or ends. */
  leading(isLeading: boolean): void;
  /** A renewal from memory failed, so that the lease had to be read. */
  slowPath(): void;
}
