/**
 * What one conversation with a server may cost it and us: requests, and bytes read. Shared by the exchangers of one conversation, those to
 * single replicas included, so that no check can spend what another was promised.
 */

/** A check asked for more than the conversation may send: nothing was sent. */
export class BudgetExceeded extends Error {
  override readonly name = 'BudgetExceeded';
}

/** In one era: the rule for a passive scan of a server that somebody else runs, few enough to go unnoticed. */
const REQUESTS = 40;
const REQUESTS_A_REPLICA = 10;
const MEBIBYTE = 1024 * 1024;
/** Each list is read in both eras and again under other names, so what a probe may read once is read several times. */
const BYTES = 4 * MEBIBYTE;

export interface ExchangeLimits {
  readonly requests: number;
  /** Bodies of all answers together. */
  readonly bytes: number;
}

/**
 * @returns the limits of the checks on a server that speaks so many eras and has so many replicas that are asked one by one. Opening it once
 * in each era is not among them.
 */
export function exchangeLimits(eras: number, replicas: number): ExchangeLimits {
  return { requests: eras * REQUESTS + replicas * REQUESTS_A_REPLICA, bytes: BYTES + replicas * MEBIBYTE };
}

/** Counts down, and numbers the exchanges of the conversation. */
export class ExchangeBudget {
  private requests: number;
  private bytes: number;
  private granted = 0;
  private sent = 0;

  constructor({ requests, bytes }: ExchangeLimits = exchangeLimits(2, 0)) {
    this.requests = requests;
    this.bytes = bytes;
  }

  /** How many requests were sent so far. */
  get spent(): number {
    return this.sent;
  }

  /** How many bytes may still be read. */
  get bytesLeft(): number {
    return Math.max(0, this.bytes);
  }

  /** Counts one request. @returns its id. @throws BudgetExceeded */
  takeRequest(): string {
    if (this.sent >= this.requests + this.granted)
      throw new BudgetExceeded('the requests of this conversation are used up');
    this.sent += 1;
    return String(this.sent);
  }

  /** Allows one request more: reading on in a list is no question of ours, but a server's way to answer one. */
  grantRequest(): void {
    this.granted += 1;
  }

  /** Sets the limit of requests, those that were sent included, once it is known which eras the server speaks. */
  limitRequests(requests: number): void {
    this.requests = requests - this.granted;
  }

  /** Counts bytes that were read. */
  takeBytes(bytes: number): void {
    this.bytes -= bytes;
  }
}
