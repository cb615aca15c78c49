/**
 * What the API server fills in by itself, for the kinds whose every default is known. Nobody owns such a path, but nobody owning
 * a path proves nothing: whoever may write an object may also write its managedFields, and wipe the traces of an addition.
 */
import { isSameJson } from '../object/equal.ts';
import type { JsonMap } from './equality.ts';

type Defaults = Readonly<Record<string, readonly unknown[]>>;

/** Allocated by the API server, or scaled by others: any value is as good, and most cannot be changed. */
const ANY: readonly unknown[] = [];

/** By the name of the member, at any depth; all values that a default can have. */
const CLOSED_KINDS: Readonly<Record<string, Defaults>> = {
  ConfigMap: {},
  ServiceAccount: {},
  NetworkPolicy: {},
  PodDisruptionBudget: {},
  Service: {
    clusterIP: ANY,
    clusterIPs: ANY,
    internalTrafficPolicy: ['Cluster'],
    ipFamilies: ANY,
    ipFamilyPolicy: ANY,
    protocol: ['TCP'],
    sessionAffinity: ['None'],
    sessionAffinityConfig: [{ clientIP: { timeoutSeconds: 10_800 } }],
    type: ['ClusterIP'],
  },
  Deployment: {
    apiVersion: ['v1'],
    defaultMode: [420],
    divisor: ['0'],
    dnsPolicy: ['ClusterFirst'],
    expirationSeconds: [3600],
    failureThreshold: [3],
    imagePullPolicy: ['Always', 'IfNotPresent'],
    maxSurge: ['25%'],
    maxUnavailable: ['25%'],
    path: ['/'],
    periodSeconds: [10],
    procMount: ['Default'],
    progressDeadlineSeconds: [600],
    protocol: ['TCP'],
    replicas: ANY,
    resources: [{}],
    restartPolicy: ['Always'],
    revisionHistoryLimit: [10],
    rollingUpdate: [{ maxSurge: '25%', maxUnavailable: '25%' }],
    schedulerName: ['default-scheduler'],
    scheme: ['HTTP'],
    securityContext: [{}],
    service: [''],
    strategy: [
      { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
      { type: 'RollingUpdate' },
    ],
    successThreshold: [1],
    terminationGracePeriodSeconds: [30],
    terminationMessagePath: ['/dev/termination-log'],
    terminationMessagePolicy: ['File'],
    timeoutSeconds: [1],
    type: ['RollingUpdate'],
  },
};

/** Whether additions that nobody owns are told from defaults in objects of `kind`; in others all of them are taken for defaults. */
export function knowsDefaultsOf(kind: string): boolean {
  return Object.hasOwn(CLOSED_KINDS, kind);
}

/** Whether the API server itself may have added `name` with `value` beside the members of `intent`. */
export function isServerDefault(kind: string, name: string, value: unknown, intent: JsonMap): boolean {
  // The old name of the same field, always kept equal.
  if (name === 'serviceAccount') return value === intent['serviceAccountName'];
  const defaults = CLOSED_KINDS[kind];
  if (defaults === undefined || !Object.hasOwn(defaults, name)) return false;
  const values = defaults[name] ?? ANY;
  return values === ANY || values.some((known) => isSameJson(known, value));
}
