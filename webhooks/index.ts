/**
 * Admission: what the API server asks before it stores an object of ours, or a change of a server's scale.
 */
import type { Registry } from 'prom-client';
import { evaluatePolicy, policyProblems } from '../checks/index.ts';
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import type { HealthCheck, Informers, KubernetesClient, Server } from '../operator/runtime/index.ts';
import type { RenderSettings } from '../render/index.ts';
import type { AdmissionHandler } from './admission/review.ts';
import { approvalWebhooks, type ApprovalSettings, type RecordRefusal } from './approval/index.ts';
import {
  POLICY_RULES,
  SCALE_POLICY,
  SERVER_POLICY,
  STAMPED,
  STAMPING,
  WEBHOOKS,
  type Webhook,
} from './catalogue.ts';
import { createFacts } from './facts.ts';
import { validateScale, validateServer } from './mcpserver/admission.ts';
import { validatePolicy } from './securitypolicy/admission.ts';
import type { CertificateSource } from './server/certificate.ts';
import { createWebhookMetrics } from './server/metrics.ts';
import type { ServedWebhook } from './server/respond.ts';
import { WebhookServer } from './server/server.ts';
import { stampBy, validateStamps } from './stamps/admission.ts';

export {
  createWebhookCertificates,
  ISSUE_CERTIFICATE_PERMISSIONS,
  SERVE_CERTIFICATE_PERMISSIONS,
} from './certificates/index.ts';
export { webhookSettings, WEBHOOKS, type Webhook } from './catalogue.ts';
export type { ApprovalSettings, RecordRefusal } from './approval/index.ts';
export { WEBHOOK_PERMISSIONS } from './permissions.ts';
export type { CertificateSource, ServingCertificate } from './server/certificate.ts';

export interface WebhooksDependencies {
  readonly client: KubernetesClient;
  readonly informers: Informers;
  readonly certificates: CertificateSource;
  /** PEM of the authorities of the API server's client certificate; without it the webhooks ask for none. */
  readonly clientCA?: string | undefined;
  readonly metrics: Registry;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The same as the controller's: what is judged is what would run. */
  readonly rendering: RenderSettings;
  readonly approval: ApprovalSettings;
  /** Writes a refused try about approvals into the ledger; absent without a store. */
  readonly recordRefusal?: RecordRefusal | undefined;
  /** `[host]:port`. */
  readonly bindAddress: string;
}

/** The parts that a manager makes running webhooks of. */
export interface Webhooks {
  readonly server: Server;
  readonly readyCheck: HealthCheck;
}

/** The webhooks' parts. Asks for its informers, so call it before they are started. */
export function createWebhooks(dependencies: WebhooksDependencies): Webhooks {
  const { certificates, clientCA, metrics, clock, logger, bindAddress, rendering, approval } = dependencies;
  const admission = {
    facts: createFacts(dependencies),
    rendering,
    evaluate: evaluatePolicy,
    stamps: approval,
  };
  const server = new WebhookServer({
    bindAddress,
    certificates,
    clientCA,
    clock,
    logger: logger.child({ component: 'webhooks' }),
    metrics: createWebhookMetrics(
      metrics,
      WEBHOOKS.map(({ path }) => path),
    ),
    webhooks: [
      ...STAMPING.map((webhook) => served(webhook, stampBy(approval))),
      ...STAMPED.map((webhook) => served(webhook, validateStamps(webhook.kind, approval))),
      served(SERVER_POLICY, validateServer(admission)),
      served(SCALE_POLICY, validateScale(admission)),
      served(POLICY_RULES, validatePolicy(policyProblems)),
      ...approvalWebhooks(dependencies).map(([webhook, handle]) => served(webhook, handle)),
    ],
  });
  return { server, readyCheck: server.readyCheck };
}

function served({ path, resource }: Webhook, handle: AdmissionHandler): ServedWebhook {
  return { path, resource, handle };
}
