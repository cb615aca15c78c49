/**
 * The identity stamps of an object: who created it, and everybody who has changed its spec. The ledger rests on them, and approvals will, so a client's
 * own values count for nothing, and a write that changes no spec leaves them, and with them the resource version, as they are.
 *
 * A change of a server's replicas through the scale subresource is not stamped: an admission webhook sees the Scale there, which has no annotations.
 */
import { ANNOTATIONS, readPersons, type Person } from '../../api/index.ts';
import { personOf } from '../../approval/index.ts';
import { canonicalJson } from '../../core/canonical-json.ts';
import type { JsonPatchOperation } from '../../operator/runtime/index.ts';
import { isJsonObject, type AdmissionRequest, type JsonObject, type UserInfo } from '../admission/review.ts';
import type { ApprovalSettings } from '../approval/identity.ts';

/** As many persons as `changed-by` names. With more, the oldest go: a full list may not be the whole one. */
const MAX_PERSONS = 16;

/** The annotations as they are, or are to be; undefined where there is none. */
export interface Stamps {
  readonly createdBy: string | undefined;
  readonly changedBy: string | undefined;
}

/** @returns the stamps that an object carries. */
export function stampsOf(object: JsonObject): Stamps {
  const annotations = annotationsOf(object) ?? {};
  return {
    createdBy: textOf(annotations[ANNOTATIONS.createdBy]),
    changedBy: textOf(annotations[ANNOTATIONS.changedBy]),
  };
}

/** How persons are told apart, and whose changes were approved: whoever changed the spec before those counts no longer. */
export type StampSettings = Pick<ApprovalSettings, 'executor' | 'personKey'>;

/** @returns the stamps that the object of the request must carry, whatever it carries now. */
export function dueStamps(request: AdmissionRequest, { executor, personKey }: StampSettings): Stamps {
  const { operation, object, oldObject, user } = request;
  const person = stampOf(user, personKey);
  if (operation === 'CREATE') return { createdBy: JSON.stringify(person), changedBy: changedBy([], person) };
  const stored = stampsOf(oldObject);
  // The API server has filled in the defaults of both.
  if (isSameSpec(object, oldObject)) return stored;
  const earlier = user.username === executor ? [] : readPersons(stored.changedBy);
  return { ...stored, changedBy: changedBy(earlier, person) };
}

/** @returns the JSON patch that gives the object these stamps; empty when it has them. */
export function stampPatch(object: JsonObject, stamps: Stamps): readonly JsonPatchOperation[] {
  const annotations = annotationsOf(object);
  const due = [
    [ANNOTATIONS.createdBy, stamps.createdBy],
    [ANNOTATIONS.changedBy, stamps.changedBy],
  ] as const;
  if (annotations !== undefined)
    return due.flatMap(([key, value]) => annotationPatch(annotations, key, value));
  const value = Object.fromEntries(due.filter(([, text]) => text !== undefined));
  return Object.keys(value).length === 0 ? [] : [{ op: 'add', path: '/metadata/annotations', value }];
}

/** Whether the specs of two objects mean the same, however they are written. */
export function isSameSpec(one: JsonObject, other: JsonObject): boolean {
  return canonicalJson(one['spec'] ?? null) === canonicalJson(other['spec'] ?? null);
}

function annotationPatch(
  annotations: JsonObject,
  key: string,
  value: string | undefined,
): readonly JsonPatchOperation[] {
  const path = `/metadata/annotations/${escapePointer(key)}`;
  if (annotations[key] === value) return [];
  return value === undefined ? [{ op: 'remove', path }] : [{ op: 'add', path, value }];
}

/** RFC 6901, section 3. */
function escapePointer(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** Somebody who is there already becomes the newest, but is not named twice. */
function changedBy(earlier: readonly Person[], person: Person): string {
  const others = earlier.filter((other) => canonicalJson(other) !== canonicalJson(person));
  return JSON.stringify([...others, person].slice(-MAX_PERSONS));
}

/** In the order in which the second lock writes it. */
function stampOf(user: UserInfo, personKey: string): Person {
  const { username, uid } = user;
  const person = personOf(user, personKey);
  return { username, uid, ...(person !== username && { person }) };
}

function annotationsOf({ metadata }: JsonObject): JsonObject | undefined {
  const annotations = isJsonObject(metadata) ? metadata['annotations'] : undefined;
  return isJsonObject(annotations) ? annotations : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
