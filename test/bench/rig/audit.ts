/**
 * What a client really asked of the API server, counted by the API server itself: its audit log, read from a mark on.
 */
import { open, stat } from 'node:fs/promises';

/** One finished request, or an opened watch. */
export interface AuditedCall {
  readonly verb: string;
  readonly resource: string;
  readonly subresource: string;
  readonly user: string;
  readonly code: number;
  readonly uri: string;
  /** When the API server got it, in milliseconds of its clock. */
  readonly receivedAtMs: number;
}

/** The calls of a while, sorted out. */
export interface CallCounts {
  /** Creates, updates, patches and deletes, without the elector's Lease. */
  readonly writes: number;
  /** Of those, the ones that do not grow with the servers: the policy `default`, its status and the mark that it was made. */
  readonly policyWrites: number;
  readonly leaseWrites: number;
  readonly events: number;
  readonly reads: number;
  readonly watches: number;
  /** Answers with 409. */
  readonly conflicts: number;
  /** Answers with 400 or more, conflicts included. */
  readonly failures: number;
}

interface AuditLine {
  readonly stage: string;
  readonly verb: string;
  readonly requestURI: string;
  readonly requestReceivedTimestamp: string;
  readonly user: { readonly username: string };
  readonly objectRef?: { readonly resource?: string; readonly subresource?: string };
  readonly responseStatus?: { readonly code?: number };
}

const POLICY_RESOURCES = new Set(['mcpsecuritypolicies', 'configmaps']);
const WRITES = new Set(['create', 'update', 'patch', 'delete', 'deletecollection']);

/** An API server's audit log file. */
export class AuditLog {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** The present end. */
  async mark(): Promise<number> {
    try {
      return (await stat(this.#path)).size;
    } catch {
      // The file appears with the first audited request.
      return 0;
    }
  }

  /** The calls of `user` that ended (watches: that were opened) after `mark`. */
  async calls(user: string, mark = 0): Promise<readonly AuditedCall[]> {
    const text = await this.#read(mark);
    return parseAudit(text).filter((call) => call.user === user);
  }

  async #read(position: number): Promise<string> {
    const end = await this.mark();
    if (end <= position) return '';
    const file = await open(this.#path);
    try {
      const { buffer } = await file.read({ buffer: Buffer.alloc(end - position), position });
      return buffer.toString('utf8');
    } finally {
      await file.close();
    }
  }
}

/** Reads audit lines; a line that is still being written is left out. */
export function parseAudit(text: string): readonly AuditedCall[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as AuditLine)
    .filter(({ verb, stage }) => stage === (verb === 'watch' ? 'ResponseStarted' : 'ResponseComplete'))
    .map((line) => ({
      verb: line.verb,
      resource: line.objectRef?.resource ?? '',
      subresource: line.objectRef?.subresource ?? '',
      user: line.user.username,
      code: line.responseStatus?.code ?? 0,
      uri: line.requestURI,
      receivedAtMs: Date.parse(line.requestReceivedTimestamp),
    }));
}

/** Sorts calls out. */
export function countCalls(calls: readonly AuditedCall[]): CallCounts {
  const count = (is: (call: AuditedCall) => boolean): number => calls.filter(is).length;
  const isWrite = ({ verb }: AuditedCall): boolean => WRITES.has(verb);
  const isLease = ({ resource }: AuditedCall): boolean => resource === 'leases';
  const isEvent = ({ resource }: AuditedCall): boolean => resource === 'events';
  return {
    writes: count((call) => isWrite(call) && !isLease(call) && !isEvent(call)),
    policyWrites: count((call) => isWrite(call) && POLICY_RESOURCES.has(call.resource)),
    leaseWrites: count((call) => isWrite(call) && isLease(call)),
    events: count((call) => isWrite(call) && isEvent(call)),
    reads: count((call) => (call.verb === 'get' || call.verb === 'list') && !isLease(call)),
    watches: count(({ verb }) => verb === 'watch'),
    conflicts: count(({ code }) => code === 409),
    failures: count(({ code }) => code >= 400),
  };
}
