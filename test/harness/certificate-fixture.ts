/**
 * A namespace with webhook configurations of its own, and replicas that keep its certificate: where the tests of webhook certificates
 * play.
 */
import type { WebhookCertificateSettings } from '../../webhooks/certificates/index.ts';
import {
  startKeepingWebhook,
  startShakingWebhook,
  type KeepingWebhook,
  type ShakingWebhook,
} from './allow-all-webhook.ts';
import {
  startCertificateReplica,
  type CertificateReplica,
  type CertificateReplicaOptions,
} from './certificate-replica.ts';
import { kubectl } from './kubectl.ts';
import { mcpServerManifest, mcpServersPath } from './mcp-server.ts';
import { createNamespace, type TestNamespace } from './namespace.ts';
import { connectPlainly, type PlainClient } from './plain-client.ts';
import {
  applyAsChart,
  CONFIGURATION_KINDS,
  CONFIGURATION_PATHS,
  webhookConfiguration,
  webhookService,
  type WebhookEntry,
  type WebhookScope,
} from './webhook-configurations.ts';

/** The Secret, its values decoded. */
export interface SecretContent {
  readonly uid: string;
  readonly resourceVersion: string;
  readonly type: string;
  readonly data: Readonly<Record<string, string>>;
}

const SECRET_NAME = 'operator-webhook-certificates';
const SERVICE_NAME = 'operator-webhook';
const SAMPLE = mcpServerManifest({ source: { image: { ref: 'example.com/server:1' } } });

/** Admissions without a pause, until it ends. */
export interface AdmissionLoad {
  /** @returns how many admissions there were, and what the API server said when it refused one. */
  end(): Promise<{ readonly admissions: number; readonly refusals: readonly string[] }>;
}

/** @see module header. Everything that it starts ends with {@link stop}. */
export class CertificateFixture {
  readonly kubeconfigPath: string;
  readonly client: PlainClient;
  readonly scope: WebhookScope;
  readonly settings: WebhookCertificateSettings;
  /** What has happened to the Secret since the beginning: `ADDED`, `MODIFIED`, `DELETED`. */
  readonly secretEvents: string[] = [];
  readonly #namespace: TestNamespace;
  readonly #cleanUps: (() => Promise<unknown>)[] = [];

  private constructor(kubeconfigPath: string, client: PlainClient, namespace: TestNamespace) {
    const { name } = namespace;
    this.kubeconfigPath = kubeconfigPath;
    this.client = client;
    this.#namespace = namespace;
    this.scope = { configurationName: name, namespace: name, serviceName: SERVICE_NAME };
    this.settings = {
      issuer: 'Operator',
      namespace: name,
      secretName: SECRET_NAME,
      serviceName: SERVICE_NAME,
      configurationName: name,
    };
  }

  static async create(kubeconfigPath: string): Promise<CertificateFixture> {
    const namespace = await createNamespace(kubeconfigPath, 'certificates');
    const fixture = new CertificateFixture(kubeconfigPath, await connectPlainly(kubeconfigPath), namespace);
    await fixture.client.watch(
      `/api/v1/namespaces/${namespace.name}/secrets?watch=true`,
      ({ type }) => fixture.secretEvents.push(type),
      new AbortController().signal,
    );
    return fixture;
  }

  async start(options: Partial<CertificateReplicaOptions> = {}): Promise<CertificateReplica> {
    const { kubeconfigPath, settings } = this;
    const replica = await startCertificateReplica({ kubeconfigPath, settings, ...options });
    this.#cleanUps.push(() => replica.stop());
    return replica;
  }

  /** Serves a replica's certificate, and shakes hands for each admission. */
  async shake({ source }: CertificateReplica): Promise<ShakingWebhook> {
    const webhook = await startShakingWebhook(source);
    this.#cleanUps.push(() => webhook.stop());
    return webhook;
  }

  /** Serves a replica's certificate, and keeps connections. */
  async keep({ source }: CertificateReplica): Promise<KeepingWebhook> {
    const webhook = await startKeepingWebhook(source);
    this.#cleanUps.push(() => webhook.stop());
    return webhook;
  }

  /** What a chart does: the Service, and both configurations without a bundle. */
  async configure(...entries: readonly WebhookEntry[]): Promise<void> {
    const configurations = CONFIGURATION_KINDS.map((kind) => webhookConfiguration(kind, this.scope, entries));
    await applyAsChart(this.kubeconfigPath, webhookService(this.scope), ...configurations);
  }

  get secretPath(): string {
    return `/api/v1/namespaces/${this.settings.namespace}/secrets/${SECRET_NAME}`;
  }

  async secret(): Promise<SecretContent | undefined> {
    const { code, body } = await this.client.request('GET', this.secretPath);
    if (code === 404) return undefined;
    const { metadata, type, data } = body as {
      readonly metadata: Pick<SecretContent, 'uid' | 'resourceVersion'>;
      readonly type: string;
      readonly data?: Readonly<Record<string, string>>;
    };
    const decoded = Object.entries(data ?? {}).map(([key, value]) => [key, decode(value)] as const);
    return {
      uid: metadata.uid,
      resourceVersion: metadata.resourceVersion,
      type,
      data: Object.fromEntries(decoded),
    };
  }

  /** Replaces values of the Secret, as somebody with `kubectl edit` does. */
  async tamper(values: Readonly<Record<string, string | null>>): Promise<void> {
    const entries = Object.entries(values).map(
      ([key, value]) => [key, value === null ? null : Buffer.from(value).toString('base64')] as const,
    );
    const patch = { data: Object.fromEntries(entries) };
    await this.client.demand('PATCH', this.secretPath, patch, 'application/merge-patch+json');
  }

  /** The bundle of every webhook, PEM, empty where there is none. */
  async caBundles(): Promise<readonly string[]> {
    const bundles = await Promise.all(
      CONFIGURATION_PATHS.map(async (path) => {
        const { body } = await this.client.request('GET', `${path}/${this.scope.configurationName}`);
        const { webhooks = [] } = body as {
          readonly webhooks?: readonly { readonly clientConfig: { readonly caBundle?: string } }[];
        };
        return webhooks.map(({ clientConfig }) => decode(clientConfig.caBundle ?? ''));
      }),
    );
    return bundles.flat();
  }

  /** Creates an MCPServer, as if. @returns what the API server has against it, empty when nothing. */
  async admission(): Promise<string> {
    const path = `${mcpServersPath(this.settings.namespace)}?dryRun=All`;
    const { code, body } = await this.client.request('POST', path, SAMPLE);
    return code < 300 ? '' : ((body as { readonly message?: string }).message ?? String(code));
  }

  /** @param concurrency how many admissions are under way at any time. */
  load(concurrency: number): AdmissionLoad {
    const refusals: string[] = [];
    let admissions = 0;
    const over = new AbortController();
    const ask = async (): Promise<void> => {
      while (!over.signal.aborted) {
        const refusal = await this.admission();
        admissions += 1;
        if (refusal !== '') refusals.push(refusal);
      }
    };
    const asking = Promise.all(Array.from({ length: concurrency }, ask));
    const end: AdmissionLoad['end'] = async () => {
      over.abort();
      await asking;
      return { admissions, refusals };
    };
    this.#cleanUps.push(end);
    return { end };
  }

  async stop(): Promise<void> {
    await Promise.all(this.#cleanUps.map((cleanUp) => cleanUp()));
    await kubectl(this.kubeconfigPath, [
      'delete',
      CONFIGURATION_KINDS.join(','),
      this.scope.configurationName,
      '--ignore-not-found',
    ]);
    await this.#namespace.remove();
    await this.client.close();
  }
}

function decode(base64: string): string {
  return Buffer.from(base64, 'base64').toString();
}
