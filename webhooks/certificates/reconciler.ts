/**
 * Keeps the Secret and the webhook configurations as `decide.ts` wants them: one step a look, stored before it is published. Only the
 * leader does this; should two believe that they lead, the resource version that each write carries lets one of them win.
 */
import type { Clock } from '../../core/clock.ts';
import { ConflictError } from '../../core/errors.ts';
import { LABELS } from '../../api/index.ts';
import {
  AlreadyExistsError,
  type ConsistencyStore,
  type Informer,
  type KubernetesClient,
  type ObjectKey,
  type ReconcileContext,
  type Reconciler,
  type ReconcileResult,
} from '../../operator/runtime/index.ts';
import { carryOut } from './carry-out.ts';
import { decideCertificates } from './decide.ts';
import { SECRET, type Secret, type WebhookConfiguration } from './kinds.ts';
import type { Lifetimes } from './lifetimes.ts';
import type { ServiceName } from './names.ts';
import { caBundleIntent, caBundleOf, hasCABundle, PublicationMemory } from './publication.ts';
import { readSecretData, secretData, type SecretData, type StoredCertificates } from './stored.ts';

export interface CertificateReconcilerOptions {
  readonly client: KubernetesClient;
  readonly secrets: Informer<Secret>;
  /** Of the configurations to publish to. Each informer sees nothing else. */
  readonly configurations: readonly Informer<WebhookConfiguration>[];
  readonly consistency: ConsistencyStore;
  readonly service: ServiceName;
  readonly lifetimes: Lifetimes;
  readonly clock: Clock;
}

/** Never changed: the ownership of every `caBundle` that was ever published hangs on it. */
const FIELD_MANAGER = 'mcp-operator/webhook-certificates';
const TLS_SECRET = 'kubernetes.io/tls';

/** @see module header. Its one key is the Secret's. */
export class CertificateReconciler implements Reconciler {
  readonly #options: CertificateReconcilerOptions;
  readonly #memory = new PublicationMemory();

  constructor(options: CertificateReconcilerOptions) {
    this.#options = options;
  }

  async reconcile(key: ObjectKey, context: ReconcileContext): Promise<ReconcileResult> {
    const { secrets, clock, service, lifetimes } = this.#options;
    const secret = secrets.store.get(key);
    const stored = readSecretData(secret?.data);
    const now = clock.now();
    const publishedForMs = this.#publishedForMs(stored, now);
    const decision = decideCertificates({ stored, publishedForMs, now, service, lifetimes });
    if (decision.kind === 'keep') {
      await this.#publish(key, caBundleOf(stored, now), context.signal);
      return { kind: 'requeue', afterMs: decision.lookAgainMs };
    }
    const next = carryOut(decision, stored, { service, lifetimes, now });
    await this.#store(key, secret, next, context.signal);
    context.logger.info('webhook certificates changed', { step: decision.kind, reason: decision.reason });
    await this.#publish(key, caBundleOf(next, now), context.signal);
    return { kind: 'requeue', afterMs: 0 };
  }

  #publishedForMs(stored: StoredCertificates, now: Date): number | undefined {
    const { clock } = this.#options;
    const caBundle = caBundleOf(stored, now);
    const isPublished = caBundle !== undefined && this.#configurationsWithout(caBundle).length === 0;
    return this.#memory.publishedForMs(isPublished ? caBundle : undefined, clock.monotonicMs());
  }

  /** Creates the Secret, or replaces what was looked at. */
  async #store(
    key: ObjectKey,
    secret: Secret | undefined,
    next: StoredCertificates,
    signal: AbortSignal,
  ): Promise<void> {
    const { client, secrets, consistency } = this.#options;
    const options = { fieldManager: FIELD_MANAGER };
    const data = secretData(next);
    const written =
      secret === undefined
        ? await client.create(SECRET, newSecret(key, data), options, signal).catch(asConflict)
        : await client.replace(SECRET, replacement(secret, data), options, signal);
    consistency.wroteAt(key, secrets, written);
  }

  /** Tells every configuration, also when one of them cannot be told: they do not depend on each other. */
  async #publish(key: ObjectKey, caBundle: string | undefined, signal: AbortSignal): Promise<void> {
    if (caBundle === undefined) return;
    const results = await Promise.allSettled(
      this.#configurationsWithout(caBundle).map(async ({ informer, configuration }) => {
        const intent = caBundleIntent(configuration, caBundle);
        const options = { fieldManager: FIELD_MANAGER, force: true };
        const written = await this.#options.client.apply(informer.type, intent, options, signal);
        this.#options.consistency.wroteAt(key, informer, written);
      }),
    );
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  #configurationsWithout(caBundle: string): readonly OutdatedConfiguration[] {
    return this.#options.configurations.flatMap((informer) =>
      informer.store
        .list()
        .filter((configuration) => !hasCABundle(configuration, caBundle))
        .map((configuration) => ({ informer, configuration })),
    );
  }
}

interface OutdatedConfiguration {
  readonly informer: Informer<WebhookConfiguration>;
  readonly configuration: WebhookConfiguration;
}

/** Of cert-manager's type, which cannot be changed later, so that it may take the Secret over. */
function newSecret({ namespace, name }: ObjectKey, data: SecretData): Secret {
  const labels = { [LABELS.managedBy]: 'mcp-operator' };
  return { apiVersion: 'v1', kind: 'Secret', metadata: { namespace, name, labels }, type: TLS_SECRET, data };
}

/** Carries the resource version that was looked at. */
function replacement(secret: Secret, data: SecretData): Secret {
  return { ...secret, data };
}

/** Somebody else was first: a lost race, which a new look settles. */
function asConflict(error: unknown): never {
  if (error instanceof AlreadyExistsError) throw new ConflictError(error.message, { cause: error });
  throw error;
}
