/**
 * ApprovalRequests and the decisions on them, as the people of the story see and make them: with kubectl, and nothing else.
 */
import { stringify } from 'yaml';
import {
  approvalDecisionResource,
  approvalRequestResource,
  GROUP,
  mcpServerResource,
  VERSION,
  type ApprovalRequest,
} from '../../../api/index.ts';
import { isFinal, type Phase } from '../../../approval/index.ts';
import { TerminalError } from '../../../core/errors.ts';
import { getList, type Kubectl } from '../kubectl.ts';
import type { ServerView } from '../verdict.ts';
import { waitForAll, type Waiting } from '../waiting.ts';
import { NAMESPACE } from './policy.ts';

const API_VERSION = `${GROUP}/${VERSION}`;

/** As much of a request as the story looks at. */
export type RequestView = Pick<ApprovalRequest, 'metadata' | 'spec' | 'status'>;

/** What a request must come to. */
export interface Expected {
  readonly phase: Phase;
  /** Of the quorum: `1/2`. */
  readonly approvals: string;
}

/**
 * @returns what is not yet as expected, one short text each.
 * @throws TerminalError when it never will be.
 */
export function missing({ metadata, status = {} }: RequestView, expected: Expected): readonly string[] {
  const { phase = 'Pending', approvals, derived, conditions = [] } = status;
  if (phase !== expected.phase && isFinal(phase))
    throw new TerminalError(`${metadata.name} is ${conditionText(status, phase)}`);
  const summary = approvals?.summary ?? 'unknown';
  return [
    ...(derived === undefined ? [whyNotDerived(conditions)] : []),
    ...(phase === expected.phase ? [] : [`${expected.phase} (it is ${phase})`]),
    ...(summary === expected.approvals ? [] : [`${expected.approvals} approvals (it has ${summary})`]),
  ];
}

/** @returns what a condition of the request says: `RolledBack (NotSettled): Ready is False ...`. */
export function conditionText({ conditions = [] }: NonNullable<RequestView['status']>, type: Phase): string {
  const condition = conditions.find((candidate) => candidate.type === type);
  return `${type} (${condition?.reason ?? 'unknown'}): ${condition?.message ?? ''}`;
}

function whyNotDerived(conditions: NonNullable<NonNullable<RequestView['status']>['conditions']>): string {
  const accepted = conditions.find(({ type }) => type === 'Accepted');
  return `what it would do (${accepted?.message ?? 'the operator has not looked yet'})`;
}

/** Waits until the request is as expected, and returns it. */
export async function reach(
  kubectl: Kubectl,
  name: string,
  expected: Expected,
  waiting: Waiting,
): Promise<RequestView> {
  const look = async (): Promise<readonly string[]> => missing(await readRequest(kubectl, name), expected);
  await waitForAll(`${name} is`, look, waiting);
  waiting.progress(`${expected.phase}, ${expected.approvals}`);
  return readRequest(kubectl, name);
}

/** Waits until somebody has asked for a change of the server. @returns the name of the request. */
export async function requestAbout(kubectl: Kubectl, server: string, waiting: Waiting): Promise<string> {
  let found: RequestView | undefined;
  const look = async (): Promise<readonly string[]> => {
    const requests = await getList<RequestView>(kubectl, ['apr', '--namespace', NAMESPACE]);
    found = requests.find(({ spec }) => spec.action.target.name === server);
    return found === undefined ? [`a request about ${server}`] : [];
  };
  await waitForAll('the check is', look, waiting);
  return found?.metadata.name ?? '';
}

async function readRequest(kubectl: Kubectl, name: string): Promise<RequestView> {
  const request: RequestView = JSON.parse(
    await kubectl(['get', 'apr', name, '--namespace', NAMESPACE, '-o', 'json']),
  );
  return request;
}

/** @returns the manifest with which a person asks for the repair of what a check found. */
export function requestFor({ metadata }: ServerView, check: string): string {
  const { name, uid, generation } = metadata;
  const target = { apiVersion: API_VERSION, kind: mcpServerResource.kind, name, uid, generation };
  return stringify({
    apiVersion: API_VERSION,
    kind: approvalRequestResource.kind,
    metadata: { generateName: `remediate-${name}-` },
    spec: { action: { kind: 'Remediate', target, parameters: { check } } },
  });
}

/** @returns the manifest with which a person approves of what the request shows. */
export function approvalOf({ metadata: { name, uid }, status }: RequestView, reason: string): string {
  return stringify(
    {
      apiVersion: API_VERSION,
      kind: approvalDecisionResource.kind,
      metadata: { generateName: 'approve-' },
      spec: { requestRef: { name, uid }, verb: 'approve', digest: status?.derived?.digest, reason },
    },
    { lineWidth: 0 },
  );
}

/** Creates what a manifest says, in the hands of whoever `kubectl` speaks for. */
export function create(kubectl: Kubectl, manifest: string): Promise<string> {
  return kubectl(['create', '--namespace', NAMESPACE, '--filename', '-'], manifest);
}
