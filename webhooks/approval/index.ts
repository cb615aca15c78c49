/** Admission of the kinds of approval: who may ask, who may decide, and what is kept. */
import type { ApprovalRequest } from '../../api/index.ts';
import type { Clock } from '../../core/clock.ts';
import { errorMessage, TransientError } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import { withDeadline, type KubernetesClient } from '../../operator/runtime/index.ts';
import type { AdmissionHandler } from '../admission/review.ts';
import {
  APPROVAL_POLICY_RULES,
  DECISION_RULES,
  DECISION_STAMP,
  KEEPING,
  REQUEST_RULES,
  type Webhook,
} from '../catalogue.ts';
import { APPROVAL_REQUEST } from '../kinds.ts';
import { createAuthorise } from './authority.ts';
import { stampDecision, validateDecision, type ReadRequest } from './decision.ts';
import type { ApprovalSettings } from './identity.ts';
import { validateApprovalPolicy } from './policy.ts';
import { Refusals, type RecordRefusal } from './refusals.ts';
import { validateDeletion, validateRequest } from './request.ts';

export type { ApprovalSettings } from './identity.ts';
export type { RecordRefusal } from './refusals.ts';

export interface ApprovalAdmissionDependencies {
  readonly client: KubernetesClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly approval: ApprovalSettings;
  /** Writes a refused try into the ledger; absent without a store. */
  readonly recordRefusal?: RecordRefusal | undefined;
}

/** @returns each webhook with what answers it. */
export function approvalWebhooks(
  dependencies: ApprovalAdmissionDependencies,
): readonly (readonly [Webhook, AdmissionHandler])[] {
  const { client, clock, logger, approval: settings, recordRefusal: record } = dependencies;
  const refusals = new Refusals({ record, clock, logger });
  const authorise = createAuthorise(client, clock);
  const common = { settings, clock, authorise, refusals };
  return [
    [APPROVAL_POLICY_RULES, validateApprovalPolicy],
    [REQUEST_RULES, validateRequest(common)],
    [DECISION_STAMP, stampDecision(common)],
    [DECISION_RULES, validateDecision({ ...common, readRequest: readLive(client, clock) })],
    ...KEEPING.map((webhook) => [webhook, validateDeletion(webhook.kind, common)] as const),
  ];
}

/** The API server waits 5 s for the whole answer. */
const READ_DEADLINE_MS = 2_000;

/** Not from a cache: a digest that was derived a moment ago is what the person has seen. */
function readLive(client: KubernetesClient, clock: Clock): ReadRequest {
  return (key, signal) =>
    withDeadline(clock, READ_DEADLINE_MS, signal, (deadline): Promise<ApprovalRequest | undefined> =>
      client.get(APPROVAL_REQUEST, key, deadline),
    ).catch((cause: unknown) => {
      throw new TransientError(`ApprovalRequest ${key.name} cannot be read: ${errorMessage(cause)}`, {
        cause,
      });
    });
}
