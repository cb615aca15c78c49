/**
 * From one HTTP request to one HTTP answer. A question that can be answered is 200, also when the answer is no; everything else is an
 * error, upon which the API server does as the failure policy says.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { GROUP } from '../../api/index.ts';
import { errorMessage, TransientError } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import {
  MalformedReviewError,
  readReview,
  writeReview,
  type AdmissionAnswer,
  type AdmissionHandler,
  type AdmissionRequest,
} from '../admission/review.ts';
import {
  BodyTooLargeError,
  BusyError,
  MAX_BODY_BYTES,
  SenderGoneError,
  type Body,
  type Intake,
} from './intake.ts';
import type { AnswerCode } from './metrics.ts';

/** What a webhook is made of. */
export interface ServedWebhook {
  readonly path: string;
  /** The only resource that it is asked about, of our own group. */
  readonly resource: string;
  readonly handle: AdmissionHandler;
}

/** The part of an HTTP request that is looked at. */
export interface Question {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Body;
}

/** An HTTP answer. */
export interface Reply {
  readonly code: AnswerCode;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Never rejects. @returns undefined when nobody waits for the answer any more. */
export async function respond(
  webhook: ServedWebhook,
  { method, headers, body }: Question,
  intake: Intake,
  logger: Logger,
  signal: AbortSignal,
): Promise<Reply | undefined> {
  if (method !== 'POST') return plain(405, 'POST an AdmissionReview', { allow: 'POST' });
  if (!/^application\/json *(;|$)/i.test(headers['content-type'] ?? ''))
    return plain(415, 'the content type must be application/json');
  try {
    if (Number(headers['content-length'] ?? 0) > MAX_BODY_BYTES) throw new BodyTooLargeError();
    return await intake.take(body, (text) => answer(webhook, text, logger, signal));
  } catch (error) {
    return signal.aborted || error instanceof SenderGoneError ? undefined : failure(error, webhook, logger);
  }
}

async function answer(
  webhook: ServedWebhook,
  text: string,
  logger: Logger,
  signal: AbortSignal,
): Promise<Reply> {
  const request = readReview(text);
  if (request.group !== GROUP || request.resource !== webhook.resource)
    throw new MalformedReviewError(`${webhook.path} is about ${webhook.resource} of ${GROUP} only`);
  const given = await webhook.handle(request, signal);
  log(request, given, logger);
  return {
    code: 200,
    headers: { 'content-type': 'application/json' },
    body: writeReview(request.uid, given),
  };
}

/** Whoever may write servers can have any number refused. */
const MAX_LOGGED = 1_024;

function log(request: AdmissionRequest, { denial }: AdmissionAnswer, logger: Logger): void {
  if (denial === undefined) return;
  const { operation, resource, namespace, name, user } = request;
  const message = denial.message.slice(0, MAX_LOGGED);
  logger.info('write refused', { operation, resource, namespace, name, user: user.username, message });
}

function failure(error: unknown, { path }: ServedWebhook, logger: Logger): Reply {
  if (error instanceof MalformedReviewError) return plain(400, error.message);
  if (error instanceof BodyTooLargeError) return plain(413, error.message);
  // The API server's client waits as it is told and asks again, as long as the timeout of the webhook allows.
  if (error instanceof BusyError) return plain(503, error.message, { 'retry-after': '1' });
  logger.error('an admission request could not be answered', { webhook: path, error });
  return plain(500, error instanceof TransientError ? errorMessage(error) : 'internal error');
}

/** The API server shows the text to whoever made the request. */
function plain(code: AnswerCode, text: string, headers: Readonly<Record<string, string>> = {}): Reply {
  return { code, headers: { 'content-type': 'text/plain; charset=utf-8', ...headers }, body: `${text}\n` };
}
