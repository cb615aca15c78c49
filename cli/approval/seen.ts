/** What somebody is shown before they decide, and proof that it is what the digest binds. */
import type { ApprovalRequest } from '../../api/index.ts';
import { digestOf, type PatchOperation, type PlanEffect } from '../../approval/index.ts';
import { TerminalError } from '../../core/errors.ts';
import { printable, twoColumns } from '../output.ts';

/** `status.derived` of a request. */
export type DerivedStatus = NonNullable<NonNullable<ApprovalRequest['status']>['derived']>;

/**
 * @returns what would be done.
 * @throws TerminalError when the operator has not worked it out, or the digest in the status is not that of what the status shows.
 */
export function seenOf(request: ApprovalRequest): DerivedStatus {
  const { derived } = request.status ?? {};
  if (derived === undefined) throw new TerminalError(notDerived(request));
  const effect = effectOf(request, derived);
  if (effect !== undefined && digestOf(actionOf(request), effect) !== derived.digest)
    throw new TerminalError(
      `the digest of ${request.metadata.name} is not that of the change it shows: somebody else than the operator wrote its status, so decide nothing and tell the administrator`,
    );
  return derived;
}

function notDerived({ metadata, status }: ApprovalRequest): string {
  const accepted = status?.conditions?.find(({ type }) => type === 'Accepted');
  const why = accepted === undefined ? 'the operator has not looked at it yet' : accepted.message;
  return `it is not known what ${metadata.name} would do, so nothing can be decided: ${printable(why)}`;
}

function actionOf({ spec }: ApprovalRequest): Parameters<typeof digestOf>[0] {
  const { kind, target, parameters } = spec.action;
  return { kind, target, parameters: { ...parameters } };
}

/** The effect as far as the status tells it; undefined for a waiver, of which it tells the digest alone. */
function effectOf(
  { spec }: ApprovalRequest,
  { effect: kind, patch, proposalReason, proposalObject }: DerivedStatus,
): PlanEffect | undefined {
  const parameters: Readonly<Record<string, string>> = { ...spec.action.parameters };
  // A boundary: the schema says less of operations than their type.
  const operations = (patch?.ops ?? []) as readonly PatchOperation[];
  if (kind === 'Patch') return { kind, operations };
  if (kind === 'Proposal')
    return {
      kind,
      operations,
      reason: proposalReason ?? '',
      ...(proposalObject !== undefined && { object: proposalObject }),
    };
  if (kind === 'Baseline') return { kind, hash: parameters['hash'] ?? '' };
  if (kind === 'Quarantine') return { kind, operation: parameters['operation'] === 'End' ? 'End' : 'Begin' };
  return undefined;
}

/** @returns everything that a person should know before they decide, for a terminal. */
export function describeRequest(request: ApprovalRequest, derived: DerivedStatus): string {
  const { metadata, spec, status } = request;
  const { kind, target, parameters } = spec.action;
  const given = Object.entries({ ...parameters }).map(([name, value]) => ` ${name}=${value}`);
  const rows: readonly (readonly [string, string])[] = [
    ['REQUEST', `${metadata.namespace}/${metadata.name}`],
    ['PHASE', `${status?.phase ?? 'Pending'}${status?.waiting === undefined ? '' : ` (${status.waiting})`}`],
    ['APPROVALS', approvals(request)],
    ['ACTION', `${kind}${given.join('')}`],
    ['TARGET', `${target.kind} ${target.name}, generation ${target.generation}`],
    ['RISK', derived.risk],
    ['SUMMARY', derived.summary],
    ...(derived.proposalReason === undefined ? [] : [['PROPOSAL', derived.proposalReason] as const]),
    ['ASKED BY', derived.requestedBy.person],
    ['CHANGED BY', changedBy(derived)],
    ['POLICIES', (derived.policy?.policies ?? []).map(({ name }) => name).join(', ') || '(none)'],
    ['EXPIRES', status?.expires ?? '-'],
    ['DIGEST', derived.digest],
  ];
  return printable([twoColumns(rows), ...change(derived)].join('\n'));
}

function approvals({ status }: ApprovalRequest): string {
  const { summary = '0/?', missing = [] } = status?.approvals ?? {};
  return missing.length === 0 ? summary : `${summary}, somebody is missing of ${missing.join(', ')}`;
}

function changedBy({ initiators, unknownInitiators }: DerivedStatus): string {
  const persons = initiators.map(({ person }) => person);
  return [...persons, ...(unknownInitiators ? ['others that are not known'] : [])].join(', ') || '-';
}

/** The operations are what the digest binds; the diff tells them for people. */
function change({ patch, diff }: DerivedStatus): readonly string[] {
  const operations = (patch?.ops ?? []).filter(({ op }) => op !== 'test');
  return [
    ...(operations.length === 0 ? [] : ['', 'CHANGE', ...operations.map(lineOf)]),
    ...(diff === ''
      ? []
      : [
          '',
          'DIFF',
          ...diff
            .trimEnd()
            .split('\n')
            .map((line) => `  ${line}`),
        ]),
  ];
}

function lineOf({
  op,
  path,
  value,
}: {
  readonly op: string;
  readonly path: string;
  readonly value?: unknown;
}) {
  return op === 'remove' ? `  ${op} ${path}` : `  ${op} ${path}: ${JSON.stringify(value)}`;
}
