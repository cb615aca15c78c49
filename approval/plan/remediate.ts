/** The plan of a Remediate: computed, tried on a copy, and refused where it would not help, would break another check or would tell a secret. */
import { type MCPServer, type MCPServerSpec, SERVER_CONTAINER } from '../../api/index.ts';
import { CHECK_RULES } from '../../checks/catalogue.ts';
import { CHECKS } from '../../checks/registry.ts';
import { type NamespaceFacts, subjectOf } from '../../checks/subject.ts';
import type { Risk } from '../action.ts';
import { type Change, changesBetween, diffOf, operationsFor } from './changes.ts';
import { FIXES } from './fixes.ts';
import { gitOwner } from './ownership.ts';
import { type PatchOperation, type Planned, type ProposalObject, refusal } from './plan.ts';
import { secretIn } from './secrets.ts';
import { UNFIXABLE } from './unfixable.ts';

/** What a plan is computed from. */
export interface RemediationFacts {
  /** With its defaults and its status. */
  readonly server: MCPServer;
  readonly namespace: NamespaceFacts;
  readonly settings: Parameters<typeof subjectOf>[2];
  /** Field managers of the server, without those of subresources. */
  readonly managers: readonly string[];
  /** Digest of the image that runs, by container; `status.image.digest` stands for the server's own. */
  readonly runningDigests?: Readonly<Record<string, string>>;
}

/** What a person reads and a status holds. */
const MAX_DIFF_BYTES = 16_384;
const MAX_OPERATIONS_BYTES = 32_768;
/** Of `status.derived.patch.ops`, with the tests in front. */
const MAX_OPERATIONS = 128;

const ENFORCE = 'pod-security.kubernetes.io/enforce';

/** Ids of the checks that {@link planRemediation} has a plan for. */
export const PLANNED_CHECKS: readonly string[] = [...Object.keys(FIXES), 'MCP-C01', 'MCP-W10'].toSorted();

/** @returns the plan that makes the server pass the check, or why there is none. */
export function planRemediation(check: string, facts: RemediationFacts): Planned {
  if (facts.server.spec.suspend)
    return refusal(
      'Suspended',
      'the server is suspended, so that a change would do nothing: set spec.suspend to false',
    );
  if (check === 'MCP-C01') return planPinning(check, facts);
  if (check === 'MCP-W10') return planNamespace(check, facts);
  const fix = FIXES[check];
  if (fix === undefined) return unfixable(check);
  return planSpec(check, facts, { ...fix, spec: fix.edit(facts.server.spec), reason: ownerReason(facts) });
}

function unfixable(check: string): Planned {
  const known = CHECKS.find(({ id }) => id === check);
  if (known === undefined)
    return refusal(
      'InvalidParameters',
      `parameters.check: there is no check ${check}: write an id such as MCP-W06`,
    );
  const instead = UNFIXABLE[check] ?? known.remediation.text;
  return refusal('NotFixable', `no change of an MCPServer satisfies ${check}: ${instead}`);
}

/** A change that is ready to be judged. */
interface Draft {
  readonly risk: Risk;
  readonly does: string;
  readonly spec: MCPServerSpec;
  /** Why it is a proposal; undefined when it may be applied. */
  readonly reason: string | undefined;
}

function ownerReason({ server, managers }: RemediationFacts): string | undefined {
  const { labels, annotations } = server.metadata;
  const owner = gitOwner({ labels, annotations, managers });
  return owner && `${owner.tool} applies this MCPServer (${owner.mark}): change it where it comes from`;
}

function planSpec(check: string, facts: RemediationFacts, draft: Draft): Planned {
  const { server } = facts;
  const changes = changesBetween(server.spec, draft.spec, ['spec']);
  const problem = changes.length === 0 ? nothingToDo(check, facts) : broken(check, facts, draft.spec);
  if (problem !== undefined) return problem;
  const title = titleOf(check);
  const where = `MCPServer ${server.metadata.namespace}/${server.metadata.name}`;
  return bounded({
    check,
    changes,
    risk: draft.risk,
    reason: draft.reason,
    summary: `${check} on ${where}: ${draft.does}, so that ${title}.`,
    guard: [
      { op: 'test', path: '/metadata/uid', value: server.metadata.uid ?? '' },
      { op: 'test', path: '/metadata/generation', value: server.metadata.generation ?? 0 },
    ],
  });
}

function titleOf(check: string): string {
  return CHECKS.find(({ id }) => id === check)?.title ?? 'it passes';
}

function nothingToDo(check: string, facts: RemediationFacts): Planned {
  if (failingRules(facts, facts.server.spec).includes(check))
    return refusal(
      'NotFixable',
      `nothing that the spec says makes ${check} fail: see the finding for who can put it right`,
    );
  return passes(check);
}

/** A check of another family than the rules on manifests is verified on the running server alone. */
function broken(check: string, facts: RemediationFacts, spec: MCPServerSpec): Planned | undefined {
  const before = failingRules(facts, facts.server.spec);
  const after = failingRules(facts, spec);
  if (isRule(check) && !before.includes(check)) return passes(check);
  if (after.includes(check))
    return refusal(
      'NotFixable',
      `${check} would still fail: part of the finding is not in the spec, or cannot be decided for you`,
    );
  const worse = after.filter((id) => !before.includes(id));
  return worse.length === 0
    ? undefined
    : refusal('NotFixable', `the change would make ${worse.join(', ')} fail`);
}

function isRule(check: string): boolean {
  return CHECK_RULES.some(({ id }) => id === check);
}

function passes(check: string): Planned {
  return refusal('NothingToDo', `the spec is as ${check} asks`);
}

function failingRules(
  { server, namespace, settings }: RemediationFacts,
  spec: MCPServerSpec,
): readonly string[] {
  const subject = subjectOf({ ...server, spec }, namespace, settings);
  return CHECK_RULES.filter((rule) => rule.evaluate(subject).length > 0).map(({ id }) => id);
}

/** Everything of a plan but its bounds. */
interface Unbounded {
  readonly check: string;
  readonly changes: readonly Change[];
  readonly risk: Risk;
  readonly reason: string | undefined;
  readonly summary: string;
  /** Tests in front: the object is the very one that was looked at. */
  readonly guard: readonly PatchOperation[];
  readonly object?: ProposalObject;
}

function bounded({ check, changes, risk, reason, summary, guard, object }: Unbounded): Planned {
  const operations = operationsFor(changes);
  const secret = secretIn(operations);
  if (secret !== undefined)
    return refusal(
      'SecretInPlan',
      `the plan would show a secret (${secret.secretClass}) at ${secret.path}: move it to a Secret first (MCP-C05)`,
    );
  const diff = diffOf(changes);
  if (isTooLarge(diff, [...guard, ...operations]))
    return refusal('TooLarge', `the change is longer than ${MAX_DIFF_BYTES} bytes: make it by hand`);
  const effect =
    reason === undefined
      ? ({ kind: 'Patch', operations: [...guard, ...operations] } as const)
      : ({ kind: 'Proposal', operations, ...(object && { object }), reason } as const);
  return { kind: 'planned', plan: { effect, risk, summary, diff, verifyChecks: [check] } };
}

function isTooLarge(diff: string, operations: readonly PatchOperation[]): boolean {
  return (
    Buffer.byteLength(diff) > MAX_DIFF_BYTES ||
    operations.length > MAX_OPERATIONS ||
    Buffer.byteLength(JSON.stringify(operations)) > MAX_OPERATIONS_BYTES
  );
}

/** The digest that runs is a fact, not a review: a proposal, whoever owns the server. */
function planPinning(check: string, facts: RemediationFacts): Planned {
  const { server } = facts;
  return planSpec(check, facts, {
    risk: 'low',
    does: 'pin the images by the digests that run now',
    spec: pinned(server, digestsOf(facts)),
    reason: ownerReason(facts) ?? 'which digest was reviewed is for its owner to say: this one only runs',
  });
}

function digestsOf({ server, runningDigests = {} }: RemediationFacts): Readonly<Record<string, string>> {
  const { ref, digest } = server.status?.image ?? {};
  const isCurrent = digest !== undefined && ref === server.spec.source.image?.ref;
  return { ...(isCurrent && { [SERVER_CONTAINER]: digest }), ...runningDigests };
}

function pinned(server: MCPServer, digests: Readonly<Record<string, string>>): MCPServerSpec {
  const { spec } = server;
  const pin = (image: string, name: string): string => {
    const digest = Object.hasOwn(digests, name) ? digests[name] : undefined;
    return digest === undefined || image.includes('@') ? image : `${image}@${digest}`;
  };
  const pod = spec.podTemplate?.spec;
  const pinContainer = <T extends { readonly name: string; readonly image?: string }>(container: T): T =>
    container.image === undefined ? container : { ...container, image: pin(container.image, container.name) };
  const { image } = spec.source;
  return {
    ...spec,
    ...(image && { source: { ...spec.source, image: { ...image, ref: pin(image.ref, SERVER_CONTAINER) } } }),
    ...(pod && {
      podTemplate: {
        ...spec.podTemplate,
        spec: {
          ...pod,
          ...(pod.initContainers && { initContainers: pod.initContainers.map(pinContainer) }),
          ...(pod.containers && { containers: pod.containers.map(pinContainer) }),
        },
      },
    }),
  };
}

/** The label of a namespace is for whoever owns the namespace. A server in `default`, or an exposed one, is to be moved by hand. */
function planNamespace(check: string, facts: RemediationFacts): Planned {
  const { server, namespace, settings } = facts;
  const rule = CHECK_RULES.find(({ id }) => id === check);
  const labels = { ...namespace.labels, [ENFORCE]: 'restricted' };
  const isFixed = rule?.evaluate(subjectOf(server, { ...namespace, labels }, settings)).length === 0;
  const level = namespace.labels[ENFORCE];
  if (!isFixed)
    return refusal(
      'NotFixable',
      'a label does not mend it: move the server to a namespace of its own, or leave its Service inside of the cluster',
    );
  if (level === 'restricted')
    return refusal('NothingToDo', `the namespace is labelled ${ENFORCE}=restricted`);
  return bounded({
    check,
    changes: [
      {
        segments: ['metadata', 'labels', ENFORCE],
        parent: 'metadata.labels',
        before: level,
        after: 'restricted',
      },
    ],
    risk: 'medium',
    reason: 'the executor changes no namespaces: apply it, or have whoever owns the namespace apply it',
    summary: `${check} on Namespace ${namespace.name}: admit restricted pods alone.`,
    guard: [],
    object: { apiVersion: 'v1', kind: 'Namespace', name: namespace.name },
  });
}
