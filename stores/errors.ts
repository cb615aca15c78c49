/**
 * What a driver throws becomes one of three: the store cannot be used now ({@link StoreUnavailableError}, worth trying again), a settings
 * mistake that somebody must mend ({@link StoreRefusedError}), or a bug ({@link StatementError}). PostgreSQL's own messages repeat values of
 * rows and parts of statements, so none of them is passed on: SQLSTATE and names of constraints say what happened.
 */
import { StoreUnavailableError } from '../checks/engine/history.ts';
import { TerminalError } from '../core/errors.ts';

/** The store is there and refuses this process until somebody changes it or the settings: no rights, no such database, a newer schema. */
export class StoreRefusedError extends TerminalError {
  override readonly name = 'StoreRefusedError';
}

/** A statement that the database refused: a bug of ours. */
export class StatementError extends Error {
  override readonly name = 'StatementError';
  /** https://www.postgresql.org/docs/current/errcodes-appendix.html */
  readonly sqlState: string;
  readonly constraint: string | undefined;

  constructor(sqlState: string, constraint: string | undefined) {
    const at = constraint === undefined ? '' : `, constraint ${constraint}`;
    super(`the database refused a statement (SQLSTATE ${sqlState}${at})`);
    this.sqlState = sqlState;
    this.constraint = constraint;
  }
}

/** By SQLSTATE or its class: what people are told. */
const UNAVAILABLE: Readonly<Record<string, string>> = {
  '08': 'the connection to the database was lost',
  '53': 'the database is out of resources',
  '58': 'the database had a system error',
  '25006': 'the database is read-only: a standby, or a failover under way',
  '25P03': 'the database ended a transaction that was idle for too long',
  '28000': 'the database did not accept the role',
  '28P01': 'the database did not accept the password',
  '40001': 'the transaction met others again and again',
  '40P01': 'the transaction met others again and again',
  '53100': "the database's disk is full",
  '53300': 'the database has no free connection',
  '55P03': 'a lock was not free in time',
  '57014': 'a statement took longer than is allowed',
  '57P01': 'the database is shutting down',
  '57P02': 'the database crashed',
  '57P03': 'the database is starting',
};

const REFUSED: Readonly<Record<string, string>> = {
  '3D000': 'there is no database of that name: create it, or change store.database',
  '42501': 'the role lacks a privilege: see docs/store.md for what to grant',
  '3F000': 'the tables are not there and this role may not make them: see docs/store.md',
};

/** By the code of an error of Node's. */
const TLS_TROUBLE = /^(CERT_|ERR_TLS_|ERR_SSL_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_|EPROTO)/;
const NETWORK_TROUBLE =
  /^(ECONN|EAI_|ENOTFOUND|ETIMEDOUT|EPIPE|EHOST|ENET|EADDR|ENOENT|EACCES|ENOTCONN|ESOCKET)/;
/** What `pg` says without a code, literally. */
const DRIVER_TROUBLE =
  /^(Connection terminated|timeout e(xceeded|xpired)|timeout exceeded when trying to connect|Query read timeout|The server does not support SSL connections|Client has encountered a connection error|Client was closed|Connection error|There was an error establishing an SSL connection)/;

/** Errors that say what they mean already. */
const OURS = new Set([
  'ApprovalConflictError',
  'FencedError',
  'StoreUnavailableError',
  'ConfigError',
  'ConflictError',
]);

/** @returns the error to throw instead of what a driver or a callback threw. */
export function storeError(error: unknown): unknown {
  if (!(error instanceof Error)) return new StoreUnavailableError('the store failed', { cause: error });
  if (error instanceof TerminalError || error instanceof StatementError || OURS.has(error.name)) return error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return /^[0-9A-Z]{5}$/.test(code) && !code.startsWith('E')
    ? sqlError(error, code)
    : driverError(error, code);
}

/** Whether the same transaction may succeed when it is tried once more: it met another one. */
export function isWorthRepeating(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === '40001' || code === '40P01') return true;
  // Evidence that retention deleted between its insert, which found it there, and the finding's.
  return code === '23503' && constraintOf(error) === 'findings_evidence_fkey';
}

function sqlError(error: Error, code: string): Error {
  const refused = REFUSED[code];
  if (refused !== undefined) return new StoreRefusedError(`${refused} (SQLSTATE ${code})`);
  const unavailable = UNAVAILABLE[code] ?? UNAVAILABLE[code.slice(0, 2)];
  if (unavailable !== undefined) return new StoreUnavailableError(`${unavailable} (SQLSTATE ${code})`);
  return new StatementError(code, constraintOf(error));
}

function constraintOf(error: unknown): string | undefined {
  return error instanceof Error && 'constraint' in error && typeof error.constraint === 'string'
    ? error.constraint
    : undefined;
}

function driverError(error: Error, code: string): Error {
  if (TLS_TROUBLE.test(code))
    return new StoreUnavailableError(`the database's certificate or TLS cannot be used (${code})`);
  if (NETWORK_TROUBLE.test(code))
    return new StoreUnavailableError(`the database cannot be reached (${code})`);
  if (DRIVER_TROUBLE.test(error.message)) return new StoreUnavailableError(driverMessage(error.message));
  return error;
}

function driverMessage(message: string): string {
  if (message.startsWith('The server does not support SSL'))
    return 'the database does not speak TLS: turn it on there, or set store.tls.mode';
  return /timeout/i.test(message)
    ? 'the database did not answer in time, or the pool had no free connection'
    : 'the connection to the database was lost';
}
