/**
 * What the API server asks (`AdmissionReview` of admission.k8s.io/v1), read with the suspicion that anything from the network deserves:
 * whoever reaches the port can send one.
 */
import type { FieldCause, JsonPatchOperation } from '../../operator/runtime/index.ts';

const API_VERSION = 'admission.k8s.io/v1';
const KIND = 'AdmissionReview';

/** An object of which nothing is known yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Who makes the request; with impersonation, who is impersonated. */
export interface UserInfo {
  readonly username: string;
  /** Often empty: of the usual authenticators only service accounts have one. */
  readonly uid: string;
  readonly groups?: readonly string[];
  /** What else the authenticator says of them. */
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** One question. */
export interface AdmissionRequest {
  readonly uid: string;
  /** Webhooks of ours ask for these only. */
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE';
  readonly group: string;
  /** Plural, with the subresource if it is one: `mcpservers/scale`. */
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  readonly user: UserInfo;
  /** Nothing of it will be stored. */
  readonly dryRun?: boolean;
  /** Empty for DELETE. */
  readonly object: JsonObject;
  /** What is stored. Empty for CREATE. */
  readonly oldObject: JsonObject;
}

/** Why a write is refused, in the words of `metav1.Status`. */
export interface Denial {
  readonly code: 403 | 422;
  readonly reason: 'Forbidden' | 'Invalid';
  readonly message: string;
  readonly details?: {
    readonly group: string;
    readonly kind: string;
    readonly name: string;
    readonly causes: readonly FieldCause[];
  };
}

/** One answer. */
export interface AdmissionAnswer {
  readonly denial?: Denial;
  readonly patch?: readonly JsonPatchOperation[];
  readonly warnings?: readonly string[];
  /** The API server puts the name of the webhook before each key. */
  readonly auditAnnotations?: Readonly<Record<string, string>>;
}

/** Answers questions about one kind. Whatever it throws becomes a failure of the webhook, and the failure policy decides. */
export type AdmissionHandler = (request: AdmissionRequest, signal: AbortSignal) => Promise<AdmissionAnswer>;

/** What was sent is no question that can be answered: the sender's fault, HTTP 400. */
export class MalformedReviewError extends Error {
  override readonly name = 'MalformedReviewError';
}

/**
 * @param text the body as it came.
 * @throws MalformedReviewError naming what is wrong with it.
 */
export function readReview(text: string): AdmissionRequest {
  const review = record(parse(text), 'the body');
  if (review['apiVersion'] !== API_VERSION || review['kind'] !== KIND)
    throw new MalformedReviewError(`the body must be an ${KIND} of ${API_VERSION}`);
  const request = record(review['request'], 'request');
  const operation = request['operation'];
  if (operation !== 'CREATE' && operation !== 'UPDATE' && operation !== 'DELETE')
    throw new MalformedReviewError('request.operation must be CREATE, UPDATE or DELETE');
  const user = record(request['userInfo'], 'request.userInfo');
  return {
    uid: nonEmpty(request['uid'], 'request.uid'),
    operation,
    ...resourceOf(request),
    namespace: textOf(request['namespace'], 'request.namespace'),
    name: textOf(request['name'], 'request.name'),
    user: userIn(user),
    dryRun: request['dryRun'] === true,
    object: operation === 'DELETE' ? {} : record(request['object'], 'request.object'),
    oldObject: operation === 'CREATE' ? {} : record(request['oldObject'], 'request.oldObject'),
  };
}

function userIn(user: JsonObject): UserInfo {
  const extra = user['extra'] === undefined ? {} : record(user['extra'], 'request.userInfo.extra');
  return {
    username: nonEmpty(user['username'], 'request.userInfo.username'),
    uid: textOf(user['uid'], 'request.userInfo.uid'),
    groups: textsOf(user['groups'], 'request.userInfo.groups'),
    extra: Object.fromEntries(
      Object.entries(extra).map(([key, values]) => [key, textsOf(values, 'request.userInfo.extra')]),
    ),
  };
}

/** The AdmissionReview to answer with. */
export function writeReview(uid: string, answer: AdmissionAnswer): string {
  const { denial, patch = [], warnings = [], auditAnnotations } = answer;
  const response = {
    uid,
    allowed: denial === undefined,
    ...(denial !== undefined && { status: { status: 'Failure', ...denial } }),
    ...(patch.length > 0 && { patchType: 'JSONPatch', patch: base64(JSON.stringify(patch)) }),
    ...(warnings.length > 0 && { warnings }),
    ...(auditAnnotations !== undefined && { auditAnnotations }),
  };
  return JSON.stringify({ apiVersion: API_VERSION, kind: KIND, response });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new MalformedReviewError('the body is not JSON', { cause });
  }
}

function resourceOf(request: JsonObject): Pick<AdmissionRequest, 'group' | 'resource'> {
  const resource = record(request['resource'], 'request.resource');
  const plural = nonEmpty(resource['resource'], 'request.resource.resource');
  const subresource = textOf(request['subResource'], 'request.subResource');
  return {
    group: textOf(resource['group'], 'request.resource.group'),
    resource: subresource === '' ? plural : `${plural}/${subresource}`,
  };
}

/** Whether `value` is a JSON object. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function record(value: unknown, path: string): JsonObject {
  if (!isJsonObject(value)) throw new MalformedReviewError(`${path} must be an object`);
  return value;
}

/** Absent is empty, as Go writes it. */
function textOf(value: unknown, path: string): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') throw new MalformedReviewError(`${path} must be text`);
  return value;
}

function textsOf(value: unknown, path: string): readonly string[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new MalformedReviewError(`${path} must be a list`);
  return value.map((text: unknown) => textOf(text, path));
}

function nonEmpty(value: unknown, path: string): string {
  const text = textOf(value, path);
  if (text === '') throw new MalformedReviewError(`${path} is missing`);
  return text;
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}
