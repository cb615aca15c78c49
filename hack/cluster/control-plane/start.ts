/**
 * etcd, API server, controller manager and scheduler, in that order.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../../core/clock.ts';
import type { Programs } from '../binaries/index.ts';
import type { Endpoints, Instance } from '../instance.ts';
import type { Launcher } from '../launcher.ts';
import { requireFree } from '../ports.ts';
import type { Reporter } from '../report.ts';
import {
  apiServerArguments,
  controllerManagerArguments,
  etcdArguments,
  schedulerArguments,
  type ControlPlaneSettings,
} from './arguments.ts';
import { apiServerUrl, writePki, type PkiFiles } from './files.ts';
import { apiServerReady, isListening } from './health.ts';

/** The programs of a control plane. */
export const CONTROL_PLANE_PROGRAMS = ['etcd', 'kube-apiserver', 'kube-controller-manager'] as const;

/** What to start, and with what. */
export interface ControlPlaneStart {
  readonly cluster: Instance;
  readonly endpoints: Endpoints;
  readonly programs: Programs<(typeof CONTROL_PLANE_PROGRAMS)[number]>;
  /** Path of the scheduler; without one pods stay pending, which a cluster without a node does not mind. */
  readonly scheduler?: string | undefined;
  readonly hasNode: boolean;
  /** Whether the API server writes an audit log (`logs/audit.log`): who changed what, without contents, or by the policy in this file. */
  readonly audit?: boolean | string | undefined;
  /** Path of the API server's AdmissionConfiguration: with which credentials it asks webhooks, for instance. */
  readonly admissionConfiguration?: string | undefined;
  /** Runs when the API server is ready, before the controllers start. */
  readonly prepare?: ((kubeconfigPath: string) => Promise<void>) | undefined;
  readonly launcher: Launcher;
  readonly report: Reporter;
  readonly signal?: AbortSignal | undefined;
}

const ETCD_DEADLINE_MS = 30_000;
const API_SERVER_DEADLINE_MS = 120_000;

const AUDIT_POLICY = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [{ level: 'None', verbs: ['get', 'list', 'watch'] }, { level: 'Metadata' }],
};

/** Starts the control plane and resolves when the API server is ready. */
export async function launchControlPlane(start: ControlPlaneStart): Promise<PkiFiles> {
  const { cluster, endpoints, programs, launcher, report, signal } = start;
  await requirePorts(endpoints);
  await mkdir(cluster.directory, { recursive: true });
  const pki = await report.step('certificates', () => writePki(cluster, endpoints, systemClock.now()));
  const settings = await settingsFor(start, pki);
  await report.step('etcd', () =>
    launcher.launch(
      { name: 'etcd', command: programs.etcd, args: etcdArguments(settings) },
      {
        check: () => isListening(endpoints.host, endpoints.etcdClient),
        deadlineMs: ETCD_DEADLINE_MS,
        signal,
      },
    ),
  );
  await report.step('kube-apiserver', async (progress) => {
    progress(apiServerUrl(endpoints));
    const authority = await readFile(pki.authority.certificate, 'utf8');
    const check = (): Promise<boolean> => apiServerReady(apiServerUrl(endpoints), authority);
    return launcher.launch(
      { name: 'kube-apiserver', command: programs['kube-apiserver'], args: apiServerArguments(settings) },
      { check, deadlineMs: API_SERVER_DEADLINE_MS, signal },
    );
  });
  await start.prepare?.(pki.admin);
  await launchControllers(start, settings);
  return pki;
}

async function launchControllers(start: ControlPlaneStart, settings: ControlPlaneSettings): Promise<void> {
  const { programs, scheduler, launcher } = start;
  await launcher.launch({
    name: 'kube-controller-manager',
    command: programs['kube-controller-manager'],
    args: controllerManagerArguments(settings),
  });
  if (scheduler === undefined) return;
  await launcher.launch({ name: 'kube-scheduler', command: scheduler, args: schedulerArguments(settings) });
}

async function requirePorts({ host, apiServer, etcdClient, etcdPeer }: Endpoints): Promise<void> {
  await requireFree(host, apiServer, 'the API server');
  await requireFree(host, etcdClient, 'etcd');
  await requireFree(host, etcdPeer, 'etcd');
}

async function settingsFor(start: ControlPlaneStart, pki: PkiFiles): Promise<ControlPlaneSettings> {
  const { cluster, endpoints, hasNode } = start;
  return {
    endpoints,
    pki,
    hasNode,
    dataDirectory: join(cluster.directory, 'etcd'),
    serviceRange: cluster.serviceRange,
    podRange: cluster.network.podRange,
    audit: await auditFiles(cluster.directory, start.audit ?? false),
    admissionConfiguration: start.admissionConfiguration,
  };
}

async function auditFiles(
  directory: string,
  audit: boolean | string,
): Promise<{ policy: string; log: string } | undefined> {
  if (audit === false) return undefined;
  const log = join(directory, 'logs', 'audit.log');
  if (audit !== true) return { policy: audit, log };
  const policy = join(directory, 'audit-policy.json');
  await writeFile(policy, JSON.stringify(AUDIT_POLICY));
  return { policy, log };
}
