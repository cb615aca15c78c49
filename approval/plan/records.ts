/** Plans that change no spec: what is executed is a record, which others obey. */
import type { MCPServer, TenantWaiver } from '../../api/index.ts';
import { CHECKS } from '../../checks/registry.ts';
import { digest } from '../../core/canonical-json.ts';
import type { Risk } from '../action.ts';
import { type Change, diffOf } from './changes.ts';
import { type Plan, type Planned, refusal } from './plan.ts';

/** @param accepted the hash that is accepted now; undefined when none is. @param hash of the parameters: what the person saw. */
export function planAcceptance(
  server: MCPServer,
  hash: string | undefined,
  accepted: string | undefined,
): Planned {
  const { definitions } = server.status ?? {};
  if (definitions === undefined)
    return refusal(
      'InvalidParameters',
      'no definitions of the server have been read yet: wait until it is verified',
    );
  if (hash !== definitions.hash)
    return refusal(
      'InvalidParameters',
      `parameters.hash must be status.definitions.hash of the server, ${definitions.hash}`,
    );
  if (hash === accepted) return refusal('NothingToDo', `${hash} is accepted already`);
  const { tools, prompts, resourceTemplates } = definitions;
  return record({
    effect: { kind: 'Baseline', hash },
    // Whoever changed a definition speaks to every model that reads it.
    risk: 'high',
    summary: `Accept the definitions of MCPServer ${nameOf(server)} as they are: ${tools} tools, ${prompts} prompts, ${resourceTemplates} resource templates.`,
    diff: diffOf([change(['status', 'baseline', 'hash'], accepted, hash)]),
    verifyChecks: [],
  });
}

/** @param operation `Begin` when absent. @param isQuarantined whether it is now. */
export function planQuarantine(
  server: MCPServer,
  operation: string | undefined,
  isQuarantined: boolean,
): Planned {
  switch (operation) {
    case undefined:
    case 'Begin':
      if (isQuarantined) return refusal('NothingToDo', 'the server is in quarantine already');
      return record({
        effect: { kind: 'Quarantine', operation: 'Begin' },
        risk: 'medium',
        summary: `Stop MCPServer ${nameOf(server)}: no pods and no probes until the quarantine ends.`,
        diff: diffOf([change(['status', 'quarantine'], undefined, 'begins')]),
        verifyChecks: [],
      });
    case 'End':
      if (!isQuarantined) return refusal('NothingToDo', 'the server is not in quarantine');
      return record({
        effect: { kind: 'Quarantine', operation: 'End' },
        risk: 'high',
        summary: `Start MCPServer ${nameOf(server)} again: its quarantine ends.`,
        diff: diffOf([change(['status', 'quarantine'], 'is in force', undefined)]),
        verifyChecks: [],
      });
    default:
      return refusal('InvalidParameters', `parameters.operation is ${operation}: write Begin or End`);
  }
}

/** A waiver of a ComplianceCheck, which counts once its request is executed. */
export type RequestedWaiver = TenantWaiver;

/** Which waiver is asked for. */
export interface WaiverQuestion {
  /** `namespace/name` of the ComplianceCheck. */
  readonly owner: string;
  readonly waivers: readonly RequestedWaiver[];
  /** Of the parameters. */
  readonly check: string | undefined;
  /** Of the ApprovalRequest, to which the waiver's `approvalRef` points. */
  readonly requestName: string;
}

/** What a waiver is known by: everything that it says, but for who approves it. */
export function waiverHash({ approvalRef: _approval, ...waiver }: RequestedWaiver): string {
  return digest(waiver);
}

/** @param now decides whether the waiver has ended already. */
export function planWaiver({ owner, waivers, check, requestName }: WaiverQuestion, now: Date): Planned {
  const asked = waivers.filter(
    (waiver) => waiver.approvalRef?.name === requestName && waiver.check === check,
  );
  const [waiver] = asked;
  if (check === undefined || waiver === undefined || asked.length > 1)
    return refusal(
      'InvalidParameters',
      `exactly one waiver of ComplianceCheck ${owner} must have check ${check ?? '(parameters.check is missing)'} and approvalRef.name ${requestName}`,
    );
  if (!(Date.parse(waiver.expiresAt) > now.getTime()))
    return refusal(
      'InvalidParameters',
      `the waiver ended at ${waiver.expiresAt}: set expiresAt to a time to come`,
    );
  const hash = waiverHash(waiver);
  const { approvalRef: _approval, ...said } = waiver;
  return record({
    effect: { kind: 'Waiver', check, waiverHash: hash },
    risk: riskOf(check),
    summary: `Waive ${check} in ComplianceCheck ${owner} until ${waiver.expiresAt}.`,
    diff: diffOf([
      { segments: ['spec', 'waivers', 0], parent: 'spec.waivers', before: undefined, after: said },
    ]),
    verifyChecks: [],
  });
}

/** As bad as what is accepted. */
function riskOf(check: string): Risk {
  const severity = CHECKS.find(({ id }) => id === check)?.severity ?? 'critical';
  return severity === 'info' ? 'low' : severity;
}

function record(plan: Plan): Planned {
  return { kind: 'planned', plan };
}

function change(segments: readonly string[], before: unknown, after: unknown): Change {
  return { segments, parent: segments.slice(0, -1).join('.'), before, after };
}

function nameOf({ metadata: { namespace, name } }: MCPServer): string {
  return `${namespace}/${name}`;
}
