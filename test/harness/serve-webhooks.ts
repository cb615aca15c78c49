/** The webhooks as the operator serves them, without the rest of it. */
import type { Registry } from 'prom-client';
import { securityPolicyResource } from '../../api/index.ts';
import { systemClock } from '../../core/clock.ts';
import { silentLogger } from '../../core/logger.ts';
import {
  connect,
  createInformers,
  loadClusterAccess,
  type KubernetesObject,
  type Permission,
  type Store,
} from '../../operator/runtime/index.ts';
import { DEFAULT_RENDER_SETTINGS } from '../../render/index.ts';
import {
  createWebhooks,
  WEBHOOK_PERMISSIONS,
  type ApprovalSettings,
  type CertificateSource,
  type RecordRefusal,
} from '../../webhooks/index.ts';

/** The rights of the webhooks, and that of the controller whose cache of servers they share. */
export const SERVING_PERMISSIONS: readonly Permission[] = [
  ...WEBHOOK_PERMISSIONS,
  {
    apiGroups: ['mcp.kilocode.ai'],
    resources: ['mcpservers'],
    verbs: ['list', 'watch'],
    why: 'The cache of the controller.',
  },
];

/** As the chart sets them for the release `mcp-operator` in `mcp-system`. */
export const APPROVAL_SETTINGS: ApprovalSettings = {
  personKey: '',
  operator: 'system:serviceaccount:mcp-system:mcp-operator',
  executor: 'system:serviceaccount:mcp-system:mcp-operator-executor',
};

/** Where and with what they are served. */
export interface Serving {
  /** `host:port`. */
  readonly bindAddress: string;
  readonly certificates: CertificateSource;
  readonly clientCA?: string;
  readonly metrics: Registry;
  readonly recordRefusal?: RecordRefusal | undefined;
}

/** Webhooks that answer. */
export interface ServedWebhooks {
  readonly policies: Pick<Store<KubernetesObject>, 'list'>;
  /** Ends every connection. */
  readonly stop: () => Promise<void>;
}

/** Starts to answer, and waits until the caches are complete. @param kubeconfigPath of an account with {@link SERVING_PERMISSIONS}. */
export async function serveWebhooks(
  kubeconfigPath: string,
  { bindAddress, certificates, clientCA, metrics, recordRefusal }: Serving,
): Promise<ServedWebhooks> {
  const end = new AbortController();
  const api = connect(await loadClusterAccess({ path: kubeconfigPath }), { program: 'webhooks-test/0' });
  const client = api.client('webhooks');
  const informers = createInformers({ client, logger: silentLogger });
  const { server } = createWebhooks({
    client,
    informers,
    certificates,
    clientCA,
    metrics,
    clock: systemClock,
    logger: silentLogger,
    rendering: DEFAULT_RENDER_SETTINGS,
    approval: APPROVAL_SETTINGS,
    recordRefusal,
    bindAddress,
  });
  const running = await server.listen(end.signal);
  informers.start(end.signal);
  await informers.waitForSync(20_000, end.signal);
  return {
    policies: informers.for(securityPolicyResource).store,
    stop: async () => {
      if (end.signal.aborted) return;
      await running.close();
      end.abort();
      await informers.stopped();
      await api.close();
    },
  };
}
