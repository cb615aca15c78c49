/**
 * The webhook server's certificate. Every replica serves what a Secret holds; unless cert-manager fills that Secret, the leader does, and
 * tells the webhook configurations which CA to trust.
 */
import type { Registry } from 'prom-client';
import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/logger.ts';
import {
  createConsistencyStore,
  watchMapped,
  type ConsistencyStore,
  type Informer,
  type Informers,
  type KubernetesClient,
  type ObjectKey,
  type Reconciler,
  type Watch,
} from '../../operator/runtime/index.ts';
import type { CertificateSource } from '../server/certificate.ts';
import {
  MUTATING_WEBHOOK_CONFIGURATION,
  SECRET,
  VALIDATING_WEBHOOK_CONFIGURATION,
  type Secret,
} from './kinds.ts';
import { LIFETIMES, type Lifetimes } from './lifetimes.ts';
import { createCertificateMetrics } from './metrics.ts';
import { CertificateReconciler } from './reconciler.ts';
import { StoredCertificateSource } from './source.ts';
import { readSecretData } from './stored.ts';

export { LIFETIMES, type Lifetimes } from './lifetimes.ts';
export { ISSUE_CERTIFICATE_PERMISSIONS, SERVE_CERTIFICATE_PERMISSIONS } from './permissions.ts';

/** Who makes the certificates, and what everything is called. */
export interface WebhookCertificateSettings {
  /** `CertManager`: the Secret is only read. */
  readonly issuer: 'Operator' | 'CertManager';
  /** Of the Secret and of the Service: the operator's own. */
  readonly namespace: string;
  readonly secretName: string;
  readonly serviceName: string;
  /** Of the ValidatingWebhookConfiguration and of the MutatingWebhookConfiguration. */
  readonly configurationName: string;
}

export interface WebhookCertificatesDependencies {
  readonly client: KubernetesClient;
  readonly informers: Informers;
  readonly metrics: Registry;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: WebhookCertificateSettings;
  /** {@link LIFETIMES} when absent; a test has less time. */
  readonly lifetimes?: Lifetimes;
}

/** The parts that `createController` of the runtime makes a running controller of. */
export interface IssuerParts {
  readonly name: string;
  readonly reconciler: Reconciler;
  readonly watches: readonly Watch[];
  readonly consistency: ConsistencyStore;
  readonly concurrency: number;
}

/** What a process needs for its webhooks' certificate. */
export interface WebhookCertificates {
  /** For the server of this replica. */
  readonly source: CertificateSource;
  /** For the leader; absent when cert-manager issues. */
  readonly issuer?: IssuerParts;
}

/** Asks for its informers, so call it before they are started. */
export function createWebhookCertificates(
  dependencies: WebhookCertificatesDependencies,
): WebhookCertificates {
  const { informers, clock, settings } = dependencies;
  const { namespace, secretName, serviceName } = settings;
  const logger = dependencies.logger.child({ secret: `${namespace}/${secretName}` });
  const secrets = informers.for(SECRET, { namespace, ...named(secretName) });
  const source = new StoredCertificateSource({
    service: { namespace, name: serviceName },
    metrics: createCertificateMetrics(dependencies.metrics),
    clock,
    logger,
  });
  secrets.addHandler((change) => {
    if (change.kind !== 'delete') source.load(readSecretData(change.object.data));
  });
  if (settings.issuer === 'CertManager') return { source };
  return { source, issuer: issuerParts(dependencies, secrets) };
}

function issuerParts(
  { client, informers, clock, settings, lifetimes = LIFETIMES }: WebhookCertificatesDependencies,
  secrets: Informer<Secret>,
): IssuerParts {
  const { namespace, secretName, serviceName, configurationName } = settings;
  const key = { namespace, name: secretName };
  const configurations = [VALIDATING_WEBHOOK_CONFIGURATION, MUTATING_WEBHOOK_CONFIGURATION].map((type) =>
    informers.for(type, named(configurationName)),
  );
  const consistency = createConsistencyStore(clock);
  const service = { namespace, name: serviceName };
  const toSecret = (): readonly ObjectKey[] => [key];
  return {
    name: 'webhook-certificates',
    reconciler: new CertificateReconciler({
      client,
      secrets,
      configurations,
      consistency,
      service,
      lifetimes,
      clock,
    }),
    watches: [
      atStart(key),
      watchMapped(secrets, toSecret),
      ...configurations.map((informer) => watchMapped(informer, toSecret)),
    ],
    consistency,
    concurrency: 1,
  };
}

function named(name: string): { readonly fieldSelector: string } {
  return { fieldSelector: `metadata.name=${name}` };
}

/** Names the key once, also when there is nothing yet that could. */
function atStart(key: ObjectKey): Watch {
  return {
    hasSynced: () => true,
    start: (enqueue) => {
      enqueue(key, 0);
      return () => undefined;
    },
  };
}
