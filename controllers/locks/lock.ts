/**
 * A lock: the objects that it consists of, watched one by one, because RBAC gives the right to list and watch a name only to whoever
 * selects by that name.
 */
import type { Informer, Informers, KubernetesObject, ResourceType } from '../../operator/runtime/index.ts';
import { SECOND_LOCK, type LockPart } from './coverage.ts';
import { bindingProblem, policyProblem, webhookProblem, type WebhookExpectation } from './inspect.ts';
import { ADMISSION_POLICY, ADMISSION_POLICY_BINDING, WEBHOOK_CONFIGURATION } from './kinds.ts';

/** One of the two things that keep what policies forbid out of the cluster. */
export interface Lock {
  readonly name: 'webhook' | 'second';
  readonly hasSynced: () => boolean;
  /** Calls `tell` when an object of it comes, goes or changes. Returns the function that stops it. */
  readonly onChange: (tell: () => void) => () => void;
  /** The first thing that is wrong; undefined when the lock is whole. */
  readonly problem: () => LockProblem | undefined;
  /** The object to report about while nothing is wrong. */
  readonly object: () => KubernetesObject;
}

/** What is wrong with an object of a lock. */
export interface LockProblem {
  /** As it is in the cluster; where it is not, who it would be. */
  readonly object: KubernetesObject;
  /** In words for an administrator, without times and versions. */
  readonly text: string;
}

/** One object of a lock, as a live look finds and judges it. */
export interface LockPiece {
  readonly type: ResourceType;
  readonly name: string;
  /** @returns what is wrong with it; undefined when nothing is. */
  readonly problemOf: (object: KubernetesObject | undefined) => string | undefined;
}

/** Every object that must be whole for admission to be. @param webhook undefined where the operator serves none: then it never is. */
export function lockPieces({
  webhook,
  secondLock: prefix,
}: {
  readonly webhook: (WebhookExpectation & { readonly configuration: string }) | undefined;
  readonly secondLock: string | undefined;
}): readonly LockPiece[] {
  if (webhook === undefined) return [];
  const parts = prefix === undefined ? [] : SECOND_LOCK;
  return [
    {
      type: WEBHOOK_CONFIGURATION,
      name: webhook.configuration,
      problemOf: (object) => webhookProblem(object, webhook),
    },
    ...parts.flatMap((part): readonly LockPiece[] => {
      const name = `${prefix}-${part.name}`;
      return [
        { type: ADMISSION_POLICY, name, problemOf: (object) => policyProblem(object, part) },
        { type: ADMISSION_POLICY_BINDING, name, problemOf: (object) => bindingProblem(object, name, part) },
      ];
    }),
  ];
}

interface Piece extends Pick<Lock, 'hasSynced' | 'onChange' | 'object'> {
  readonly text: () => string | undefined;
}

/** The webhook configuration of this name. */
export function webhookLock(informers: Informers, name: string, expected: WebhookExpectation): Lock {
  const informer = informers.for(WEBHOOK_CONFIGURATION, named(name));
  return lockOf('webhook', [piece(informer, name, (object) => webhookProblem(object, expected))]);
}

/** The policies, and bindings of the same names, that begin with `prefix`. */
export function secondLock(informers: Informers, prefix: string): Lock {
  const pieces = SECOND_LOCK.map((part) => partPieces(informers, `${prefix}-${part.name}`, part));
  return lockOf('second', pieces.flat());
}

function lockOf(name: Lock['name'], pieces: readonly Piece[]): Lock {
  const [first] = pieces;
  if (first === undefined) throw new Error(`the lock ${name} has no objects`);
  return {
    name,
    object: first.object,
    hasSynced: () => pieces.every((each) => each.hasSynced()),
    onChange: (tell) => {
      const removals = pieces.map((each) => each.onChange(tell));
      return () => {
        for (const remove of removals) remove();
      };
    },
    problem: () => problemsOf(pieces)[0],
  };
}

function problemsOf(pieces: readonly Piece[]): readonly LockProblem[] {
  return pieces.flatMap(({ object, text }) => {
    const problem = text();
    return problem === undefined ? [] : [{ object: object(), text: problem }];
  });
}

function partPieces(informers: Informers, name: string, part: LockPart): readonly Piece[] {
  const policies = informers.for(ADMISSION_POLICY, named(name));
  const bindings = informers.for(ADMISSION_POLICY_BINDING, named(name));
  return [
    piece(policies, name, (policy) => policyProblem(policy, part)),
    piece(bindings, name, (binding) => bindingProblem(binding, name, part)),
  ];
}

function named(name: string): { readonly fieldSelector: string } {
  return { fieldSelector: `metadata.name=${name}` };
}

function piece<T extends KubernetesObject>(
  informer: Informer<T>,
  name: string,
  problemOf: (object: T | undefined) => string | undefined,
): Piece {
  const { group, version, kind } = informer.type;
  const stored = (): T | undefined => informer.store.get({ namespace: '', name });
  return {
    object: () => stored() ?? { apiVersion: `${group}/${version}`, kind, metadata: { name } },
    text: () => problemOf(stored()),
    hasSynced: () => informer.hasSynced(),
    onChange: (tell) => informer.addHandler(tell),
  };
}
