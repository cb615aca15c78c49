import { expect, it } from 'vitest';
import { ConflictError, TransientError } from '../../../core/errors.ts';
import {
  AlreadyExistsError,
  ApiConflictError,
  ApiError,
  apiErrorOf,
  apiStatusOf,
  BadRequestError,
  ForbiddenError,
  GoneError,
  InvalidError,
  NotFoundError,
  ServerTimeoutError,
  TooManyRequestsError,
  UnauthorizedError,
} from './api-error.ts';

it.each<[number, string, new (...values: never[]) => Error]>([
  [400, 'BadRequest', BadRequestError],
  [401, 'Unauthorized', UnauthorizedError],
  [403, 'Forbidden', ForbiddenError],
  [404, 'NotFound', NotFoundError],
  [409, 'AlreadyExists', AlreadyExistsError],
  [409, 'Conflict', ApiConflictError],
  [410, 'Gone', GoneError],
  [410, 'Expired', GoneError],
  [422, 'Invalid', InvalidError],
  [429, 'TooManyRequests', TooManyRequestsError],
  [429, '', TooManyRequestsError],
  [500, 'ServerTimeout', ServerTimeoutError],
  [504, 'Timeout', ServerTimeoutError],
  [500, 'InternalError', ApiError],
  [418, '', ApiError],
])('%i %s is its own class', (code, reason, expected) => {
  const error = apiErrorOf(code, { kind: 'Status', reason, message: 'why' }, undefined);
  expect(error.constructor).toBe(expected);
  expect(error).toBeInstanceOf(TransientError);
  expect(error.message).toBe('why');
});

it('is a lost race only when it is one', () => {
  expect(apiErrorOf(409, { reason: 'Conflict' }, undefined)).toBeInstanceOf(ConflictError);
  expect(apiErrorOf(409, { reason: 'AlreadyExists' }, undefined)).not.toBeInstanceOf(ConflictError);
});

it('keeps the fields and their complaints, bounded', () => {
  const causes = Array.from({ length: 50 }, (_, index) => ({
    field: `spec.field${index}`,
    reason: 'FieldValueInvalid',
    message: 'x'.repeat(5000),
  }));
  const status = apiStatusOf(
    apiErrorOf(422, { reason: 'Invalid', message: 'y'.repeat(5000), details: { causes } }, undefined),
  );
  expect(status?.causes).toHaveLength(20);
  expect(status?.causes[0]).toMatchObject({ field: 'spec.field0', reason: 'FieldValueInvalid' });
  expect(status?.causes[0]?.message).toHaveLength(1024);
  expect(status?.message).toHaveLength(1024);
});

it.each([undefined, 'a proxy in HTML', 7, null, { details: { causes: 'none', retryAfterSeconds: 'soon' } }])(
  'survives an answer that is no Status: %j',
  (body) => {
    expect(apiErrorOf(502, body, undefined).status).toEqual({
      code: 502,
      reason: '',
      message: 'the API server answered 502',
      causes: [],
      retryAfterMs: undefined,
    });
  },
);

it('takes the time to wait from the header, else from the body', () => {
  const body = { details: { retryAfterSeconds: 3 } };
  expect(apiErrorOf(429, body, 1000).status.retryAfterMs).toBe(1000);
  expect(apiErrorOf(429, body, undefined).status.retryAfterMs).toBe(3000);
});

it('knows nothing of other errors', () => {
  expect(apiStatusOf(new Error('other'))).toBeUndefined();
});
