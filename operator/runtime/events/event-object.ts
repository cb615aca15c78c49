/** The `events.k8s.io/v1` Event as it goes onto the wire. Pure. */
import type { KubernetesObject, ObjectMeta } from '../object/object.ts';
import { microTime } from '../object/micro-time.ts';
import { apiVersionOf, type ResourceType } from '../object/resource.ts';
import type { EventDetails } from './recorder.ts';

/** A reference to the object that an event is about. */
export interface ObjectReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
}

/** How often something was repeated. */
export interface EventSeries {
  readonly count: number;
  readonly lastObservedTime: string;
}

/** `events.k8s.io/v1` Event. */
export interface KubernetesEvent extends KubernetesObject {
  readonly eventTime: string;
  readonly type: string;
  readonly reason: string;
  readonly action: string;
  readonly note: string;
  readonly regarding: ObjectReference;
  readonly reportingController: string;
  readonly reportingInstance: string;
  readonly series?: EventSeries;
}

export const EVENT_TYPE: ResourceType<KubernetesEvent> = {
  group: 'events.k8s.io',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  namespaced: true,
};

/** Who reports. */
export interface Reporter {
  /** A qualified name, such as `example.com/operator`. */
  readonly controller: string;
  /** The pod. */
  readonly instance: string;
}

const MAX_NOTE_BYTES = 1024;
const MAX_NAME_LENGTH = 253;
const DEFAULT_NAMESPACE = 'default';

/** A new event about `object`. `suffix` makes its name unique. */
export function newEvent(
  object: KubernetesObject,
  details: EventDetails,
  reporter: Reporter,
  now: Date,
  suffix: string,
): KubernetesEvent {
  const { name, namespace = DEFAULT_NAMESPACE } = object.metadata;
  return {
    apiVersion: apiVersionOf(EVENT_TYPE),
    kind: EVENT_TYPE.kind,
    metadata: { name: `${name.slice(0, MAX_NAME_LENGTH - suffix.length - 1)}.${suffix}`, namespace },
    eventTime: microTime(now),
    type: details.type,
    reason: details.reason,
    action: details.action,
    note: cutToBytes(details.note, MAX_NOTE_BYTES),
    regarding: referenceTo(object),
    reportingController: reporter.controller,
    reportingInstance: reporter.instance,
  };
}

function referenceTo(object: KubernetesObject): ObjectReference {
  const { name, namespace, uid, resourceVersion }: ObjectMeta = object.metadata;
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    name,
    ...(namespace !== undefined && { namespace }),
    ...(uid !== undefined && { uid }),
    ...(resourceVersion !== undefined && { resourceVersion }),
  };
}

/** Cuts at a character, never inside one. */
function cutToBytes(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length <= maxBytes) return text;
  return bytes
    .subarray(0, maxBytes)
    .toString('utf8')
    .replace(/\uFFFD+$/u, '');
}
