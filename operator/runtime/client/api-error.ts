/**
 * Every failure answer of the API server as a class, so that callers ask for a kind and never read a message. All are
 * transient in the sense of the controller loop: the cluster may change its mind (a right granted, a quota raised, a webhook
 * mended), so they are retried with backoff; a caller that knows better turns one into a condition.
 */
import { ConflictError, TransientError } from '../../../core/errors.ts';

/** One complaint about one field (`Status.details.causes`). */
export interface FieldCause {
  /** For example `spec.template.spec.containers[0].image`. */
  readonly field: string;
  readonly reason: string;
  readonly message: string;
}

/** What the API server said, bounded in size. */
export interface ApiStatus {
  readonly code: number;
  /** `NotFound`, `AlreadyExists`, `Invalid` ...; empty when the answer was not a Status. */
  readonly reason: string;
  readonly message: string;
  readonly causes: readonly FieldCause[];
  readonly retryAfterMs: number | undefined;
}

const MAX_MESSAGE_LENGTH = 1024;
const MAX_CAUSES = 20;

/** Any failure answer that has no class of its own. */
export class ApiError extends TransientError {
  override readonly name: string = 'ApiError';
  readonly status: ApiStatus;

  constructor(status: ApiStatus, options?: ErrorOptions) {
    super(status.message, options);
    this.status = status;
  }
}

/** 404: the object, its namespace or its kind does not exist. */
export class NotFoundError extends ApiError {
  override readonly name = 'NotFoundError';
}
/** 409 AlreadyExists: the name is taken. */
export class AlreadyExistsError extends ApiError {
  override readonly name = 'AlreadyExistsError';
}
/** 401: the credentials were refused. */
export class UnauthorizedError extends ApiError {
  override readonly name = 'UnauthorizedError';
}
/** 403: a missing right, a policy, or an exceeded quota. */
export class ForbiddenError extends ApiError {
  override readonly name = 'ForbiddenError';
}
/** 410, or an expired resource version or continue token: list again. */
export class GoneError extends ApiError {
  override readonly name = 'GoneError';
}
/** 422: the object breaks the schema or a rule; `status.causes` names the fields. */
export class InvalidError extends ApiError {
  override readonly name = 'InvalidError';
}
/** 400: the request itself makes no sense; a bug of ours or an unknown field. */
export class BadRequestError extends ApiError {
  override readonly name = 'BadRequestError';
}
/** 429, after the retries inside the deadline were used up. */
export class TooManyRequestsError extends ApiError {
  override readonly name = 'TooManyRequestsError';
}
/** 500 ServerTimeout, 504 and alike: the outcome is unknown. */
export class ServerTimeoutError extends ApiError {
  override readonly name = 'ServerTimeoutError';
}

/** 409 Conflict: the object changed since it was read, or another manager owns a field. */
export class ApiConflictError extends ConflictError {
  override readonly name = 'ApiConflictError';
  readonly status: ApiStatus;

  constructor(status: ApiStatus) {
    super(status.message);
    this.status = status;
  }
}

/** The network failed, or our deadline passed, before there was an answer: whether the request had an effect is unknown. */
export class ConnectionError extends TransientError {
  override readonly name = 'ConnectionError';
  /** The connection was refused, so the server never saw the request. */
  readonly refused: boolean;

  constructor(message: string, options: { readonly cause?: unknown; readonly refused: boolean }) {
    super(message, { cause: options.cause });
    this.refused = options.refused;
  }
}

/** The error for a failure answer. `body` is the parsed answer, usually a `metav1.Status`. */
export function apiErrorOf(
  code: number,
  body: unknown,
  retryAfterMs: number | undefined,
): ApiError | ApiConflictError {
  const status = readStatus(code, body, retryAfterMs);
  const byReason = errorByReason(status);
  return byReason ?? errorByCode(status);
}

/** What the API server said, when `error` is one of its answers. */
export function apiStatusOf(error: unknown): ApiStatus | undefined {
  return error instanceof ApiError || error instanceof ApiConflictError ? error.status : undefined;
}

function errorByReason(status: ApiStatus): ApiError | undefined {
  switch (status.reason) {
    case 'AlreadyExists':
      return new AlreadyExistsError(status);
    case 'Expired':
    case 'Gone':
      return new GoneError(status);
    case 'ServerTimeout':
    case 'Timeout':
      return new ServerTimeoutError(status);
    case 'TooManyRequests':
      return new TooManyRequestsError(status);
    default:
      return undefined;
  }
}

type ApiErrorClass = new (status: ApiStatus) => ApiError | ApiConflictError;

const ERROR_BY_CODE: Readonly<Record<number, ApiErrorClass>> = {
  400: BadRequestError,
  401: UnauthorizedError,
  403: ForbiddenError,
  404: NotFoundError,
  409: ApiConflictError,
  410: GoneError,
  422: InvalidError,
  429: TooManyRequestsError,
  504: ServerTimeoutError,
};

function errorByCode(status: ApiStatus): ApiError | ApiConflictError {
  const ErrorClass = ERROR_BY_CODE[status.code] ?? ApiError;
  return new ErrorClass(status);
}

function readStatus(code: number, body: unknown, retryAfterMs: number | undefined): ApiStatus {
  const status = asRecord(body);
  const details = asRecord(status['details']);
  const causes = Array.isArray(details['causes']) ? details['causes'] : [];
  const message = asText(status['message']) || `the API server answered ${code}`;
  return {
    code,
    reason: asText(status['reason']),
    message: message.slice(0, MAX_MESSAGE_LENGTH),
    causes: causes.slice(0, MAX_CAUSES).map(readCause),
    retryAfterMs: retryAfterMs ?? secondsToMs(details['retryAfterSeconds']),
  };
}

function readCause(value: unknown): FieldCause {
  const cause = asRecord(value);
  return {
    field: asText(cause['field']),
    reason: asText(cause['reason']),
    message: asText(cause['message']).slice(0, MAX_MESSAGE_LENGTH),
  };
}

function secondsToMs(value: unknown): number | undefined {
  return typeof value === 'number' && value > 0 ? value * 1000 : undefined;
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
