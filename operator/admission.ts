/** Admission, wired: the webhook server of every replica, its certificate, and on the leader who renews that. */
import { systemClock } from '../core/clock.ts';
import { createWebhookCertificates, createWebhooks } from '../webhooks/index.ts';
import { createController, type ManagerOptions } from './runtime/index.ts';
import { rendering, type Shared } from './shared.ts';
import { readClientAuthorities } from './client-authorities.ts';

/** What a manager runs of admission: nothing where it is off. */
type Admission = Required<Pick<ManagerOptions, 'runnables' | 'servers' | 'readyChecks'>>;

/** Asks for its informers, so call it before they are started. */
export function admission(shared: Shared): Admission {
  const { apiServer, informers, logger, registry, settings, identity, metrics, history } = shared;
  const { webhookBindAddress: bindAddress, webhookCertificates } = settings;
  if (bindAddress === '0') return { runnables: [], servers: [], readyChecks: [] };
  const common = { informers, metrics: registry, clock: systemClock, logger };
  const { source: certificates, issuer } = createWebhookCertificates({
    ...common,
    client: apiServer.client('webhook-certificates'),
    settings: { ...webhookCertificates, namespace: identity.operatorNamespace },
  });
  const { server, readyCheck } = createWebhooks({
    ...common,
    client: apiServer.client('webhooks'),
    certificates,
    clientCA: readClientAuthorities(webhookCertificates.clientCAFile),
    rendering: rendering(shared),
    approval: {
      personKey: settings.approval.personKey,
      operator: settings.approval.operatorServiceAccount,
      executor: settings.approval.executorServiceAccount,
    },
    ...(history !== undefined && { recordRefusal: (attempt) => history.recordRefusal(attempt) }),
    bindAddress,
  });
  const issuing =
    issuer === undefined
      ? []
      : [createController({ ...issuer, logger, observer: metrics.controller(issuer.name) })];
  return { runnables: issuing, servers: [server], readyChecks: [readyCheck] };
}
