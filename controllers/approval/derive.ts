/** What a request comes to, worked out once: its target, its plan, who caused it, and the policies that bind it. */
import {
  ANNOTATIONS,
  readPersons,
  type ApprovalPolicy,
  type ApprovalRequest,
  type RequestReasonOf,
} from '../../api/index.ts';
import {
  digestOf,
  isFinal,
  isServiceAccount,
  policySnapshot,
  type Action,
  type ActionKind,
  type ApprovalRow,
  type ExecutedAction,
  type OpeningFacts,
  type Person,
  type Plan,
  type PolicySnapshot,
  type Risk,
} from '../../approval/index.ts';
import { planFor, type PlanFacts, type PlanRefusal } from '../../approval/plan/index.ts';
import type { KubernetesObject } from '../../operator/runtime/index.ts';
import type { RenderSettings } from '../../render/index.ts';
import { timestamp } from '../timestamps.ts';
import type { Target } from './kinds.ts';

/** What is known of the surroundings of a request that is to be opened. */
export interface Surroundings {
  readonly request: ApprovalRequest;
  /** The object of the name that the request gives. */
  readonly target: Target | undefined;
  /** Field managers of the target, without those of subresources. */
  readonly managers: readonly string[];
  readonly namespaceLabels: Readonly<Record<string, string>>;
  readonly policies: readonly ApprovalPolicy[];
  readonly rendering: RenderSettings;
  /** Username of the executor's ServiceAccount: what it did was approved. Empty when there is none. */
  readonly executor: string;
  /** Of the target. */
  readonly executed: readonly ExecutedAction[];
  /** Requests with the same target, kind and check. */
  readonly previous: readonly ApprovalRow[];
}

/** Facts to open a request with, or what keeps it from being opened. */
export type Derivation =
  | { readonly kind: 'facts'; readonly facts: OpeningFacts }
  | {
      readonly kind: 'refused';
      readonly reason: Exclude<RequestReasonOf['Accepted'], 'Accepted'>;
      readonly message: string;
      /** When that ends by itself; absent where somebody must do something. */
      readonly until?: Date;
    };

/** How long the stamps may hold before the first are dropped. */
const MOST_CHANGERS = 16;
const QUIET_MS = 7 * 86_400_000;

/** @returns facts, or why there are none; pure, at `now`. */
export function derive(surroundings: Surroundings, now: Date): Derivation {
  const { request, target } = surroundings;
  const { action } = request.spec;
  const mismatch = mismatchOf(action, target);
  if (mismatch !== undefined || target === undefined) return mismatch ?? noTarget(action);
  const requestedBy = requesterOf(request);
  if (requestedBy === undefined)
    return refused('NotDerivedYet', 'who asks was not recorded: admission of the operator was not there');
  const planned = planFor(action, planFacts(surroundings, target), now);
  if (planned.kind === 'refused') return refused(REASONS[planned.reason], planned.message);
  return factsOf(surroundings, { plan: planned.plan, requestedBy, target }, now);
}

const REASONS: Readonly<Record<PlanRefusal, Extract<Derivation, { kind: 'refused' }>['reason']>> = {
  NothingToDo: 'NothingToDo',
  NotFixable: 'NoPlan',
  Suspended: 'NoPlan',
  SecretInPlan: 'NoPlan',
  TooLarge: 'NoPlan',
  InvalidParameters: 'NoPlan',
};

function refused(reason: Extract<Derivation, { kind: 'refused' }>['reason'], message: string): Derivation {
  return { kind: 'refused', reason, message };
}

function noTarget({ target }: Action): Derivation {
  return refused('TargetNotFound', `there is no ${target.kind} ${target.name} with uid ${target.uid}`);
}

function mismatchOf(action: Action, target: Target | undefined): Derivation | undefined {
  if (target?.metadata.uid !== action.target.uid) return noTarget(action);
  const { generation = 0 } = target.metadata;
  if (action.kind === 'Quarantine' || generation === action.target.generation) return undefined;
  if (generation < action.target.generation)
    return refused('NotDerivedYet', `generation ${action.target.generation} of the target is not seen yet`);
  return refused(
    'TargetChanged',
    `${action.target.kind} ${action.target.name} is at generation ${generation}, the request at ${action.target.generation}`,
  );
}

/** Who created the request, as admission stamped it. */
function requesterOf({ metadata }: ApprovalRequest): Person | undefined {
  const [person] = personsIn(metadata.annotations?.[ANNOTATIONS.createdBy], (text) => `[${text}]`);
  return person;
}

function personsIn(
  text: string | undefined,
  listOf: (text: string) => string = (list) => list,
): readonly Person[] {
  if (text === undefined) return [];
  return readPersons(listOf(text)).map(({ username, uid, person = username }) => ({
    person,
    username,
    uid,
  }));
}

/** Everybody whose hands the target's spec went through, and whether there may be others. */
function initiatorsOf(
  { metadata }: Pick<KubernetesObject, 'metadata'>,
  executor: string,
): { readonly initiators: readonly Person[]; readonly unknownInitiators: boolean } {
  const text = metadata.annotations?.[ANNOTATIONS.changedBy];
  const changers = personsIn(text);
  const initiators = changers.filter(({ username }) => username !== executor);
  return {
    initiators,
    unknownInitiators:
      // Never stamped, or in a way that cannot be read.
      changers.length === 0 ||
      changers.length >= MOST_CHANGERS ||
      initiators.some(({ username }) => isServiceAccount(username)),
  };
}

function planFacts(
  { request, managers, namespaceLabels, rendering, executed }: Surroundings,
  target: Target,
): PlanFacts {
  const { namespace, name } = target.metadata;
  if (target.kind === 'ComplianceCheck') {
    const waivers = target.spec.waivers ?? [];
    return {
      target: 'ComplianceCheck',
      owner: `${namespace}/${name}`,
      waivers,
      requestName: request.metadata.name,
    };
  }
  return {
    target: 'MCPServer',
    server: target,
    namespace: { name: namespace, labels: namespaceLabels },
    settings: rendering,
    managers,
    acceptedHash: baselineOf(executed)?.hash,
    isQuarantined: isQuarantined(executed),
  };
}

/** @returns the definitions that were accepted last, with the action; undefined when none were. */
export function baselineOf(
  executed: readonly ExecutedAction[],
): { readonly hash: string; readonly action: ExecutedAction } | undefined {
  const action = executed.find(({ kind }) => kind === 'AcceptDefinitions');
  return action?.effect.kind === 'Baseline' ? { hash: action.effect.hash, action } : undefined;
}

/** Whether the last executed Quarantine began one. */
function isQuarantined(executed: readonly ExecutedAction[]): boolean {
  return quarantineOf(executed) !== undefined;
}

/** @returns what began the quarantine that is in force. */
export function quarantineOf(executed: readonly ExecutedAction[]): ExecutedAction | undefined {
  const action = executed.find(({ kind }) => kind === 'Quarantine');
  return action?.effect.kind === 'Quarantine' && action.effect.operation === 'Begin' ? action : undefined;
}

function factsOf(
  { request, namespaceLabels, policies, executor, previous }: Surroundings,
  {
    plan,
    requestedBy,
    target,
  }: { readonly plan: Plan; readonly requestedBy: Person; readonly target: Target },
  now: Date,
): Derivation {
  const { metadata, spec } = request;
  const { action } = spec;
  const digest = digestOf(action, plan.effect);
  const same = previous.filter(({ derived }) => derived.digest === digest);
  const open = action.kind === 'Quarantine' ? same.find(({ phase }) => !isFinal(phase)) : undefined;
  if (open !== undefined)
    return refused('NothingToDo', `${open.name} asks for the very same: decide on that one`);
  const denied = same.find((row) => row.phase === 'Denied' && now.getTime() < deniedAt(row) + QUIET_MS);
  if (denied !== undefined) return deniedBefore(denied);
  return {
    kind: 'facts',
    facts: {
      requestUid: metadata.uid ?? '',
      namespace: metadata.namespace,
      name: metadata.name,
      createdAt: metadata.creationTimestamp ?? now.toISOString(),
      action,
      plan,
      requestedBy,
      ...initiatorsOf(target, executor),
      policy: policyFor(policies, action, { risk: plan.risk, namespaceLabels }),
      attempt: Math.max(0, ...same.map(({ attempt }) => attempt)) + 1,
    },
  };
}

function deniedBefore(row: ApprovalRow): Derivation {
  const until = new Date(deniedAt(row) + QUIET_MS);
  const message = `${row.name} asked for the very same and was denied: nobody is asked again before ${timestamp(until.getTime())}`;
  return { kind: 'refused', reason: 'DeniedBefore', message, until };
}

function deniedAt({ conditions, createdAt }: ApprovalRow): number {
  return Date.parse(conditions.find(({ type }) => type === 'Denied')?.at ?? createdAt);
}

/** @returns the snapshot of every policy that matches; undefined when none does. */
export function policyFor(
  policies: readonly ApprovalPolicy[],
  action: { readonly kind: ActionKind },
  {
    risk,
    namespaceLabels,
  }: { readonly risk: Risk; readonly namespaceLabels: Readonly<Record<string, string>> },
): PolicySnapshot | undefined {
  const sources = policies
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .map(({ metadata: { name, uid = '', generation = 0 }, spec }) => ({
      metadata: { name, uid, generation },
      spec,
    }));
  return policySnapshot(sources, { action, risk, namespaceLabels });
}
