/**
 * The rig's control plane: etcd and API server alone, so that nothing but the operator reacts to what the benchmark does. The API
 * server writes an audit log of whoever calls as one of the named users.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../../core/clock.ts';
import type { Programs } from '../../../hack/cluster/binaries/index.ts';
import { ensurePrograms, kubernetesVersion, type Reporter } from '../../../hack/cluster/index.ts';
import {
  apiServerArguments,
  etcdArguments,
  type ControlPlaneSettings,
} from '../../../hack/cluster/control-plane/arguments.ts';
import {
  apiServerUrl,
  readAuthority,
  writeKubeconfig,
  writePki,
  type Identity,
} from '../../../hack/cluster/control-plane/files.ts';
import { apiServerReady, isListening } from '../../../hack/cluster/control-plane/health.ts';
import { instance, type Endpoints, type Instance } from '../../../hack/cluster/instance.ts';
import { Launcher } from '../../../hack/cluster/launcher.ts';
import { freePorts } from '../../../hack/cluster/ports.ts';
import { signalProcess, stopProcess } from '../../../hack/cluster/processes.ts';
import { AuditLog } from './audit.ts';

/** The programs of the rig. */
export type RigProgram = 'etcd' | 'kube-apiserver';

/** A control plane for one run. */
export interface RigControlPlane {
  /** Of an administrator that is not audited. */
  readonly kubeconfigPath: string;
  readonly port: number;
  readonly version: string;
  readonly audit: AuditLog;
  /** A kubeconfig for somebody, by whose name the audit log counts: another administrator, unless the groups say otherwise. */
  kubeconfigFor(user: string, groups?: readonly string[]): Promise<string>;
  /** Ends a program at once, as a crash would. Its data stays. */
  kill(name: RigProgram): Promise<void>;
  /** Starts a program that was killed, and waits until it is ready. */
  start(name: RigProgram): Promise<void>;
  stop(): Promise<void>;
}

const HOST = '127.0.0.1';
const READY_MS = 120_000;
/** A Service of each server takes an address; the ranges of `hack/cluster` end after 4,096. */
const SERVICE_RANGE = '10.96.0.0/12';

/** Starts etcd and API server in `directory` and waits until they are ready. */
export async function startRigControlPlane(
  directory: string,
  auditedUsers: readonly string[],
  report: Reporter,
): Promise<RigControlPlane> {
  const version = kubernetesVersion();
  const binaries = await ensurePrograms(['etcd', 'kube-apiserver'], { version, report });
  const endpoints = await freeEndpoints();
  const cluster = instance(0, directory);
  const settings = await prepare(cluster, endpoints, auditedUsers);
  const launcher = new Launcher(cluster, { kubernetesVersion: version, endpoints, hasNode: false });
  const killWithUs = (): void => {
    for (const { pid } of launcher.state.processes) signalProcess(pid, 'SIGKILL');
  };
  process.once('exit', killWithUs);
  const programs = await programsOf(settings, binaries);
  const start = async (name: RigProgram): Promise<void> => {
    const { check, ...launch } = programs[name];
    await launcher.launch(launch, { check, deadlineMs: READY_MS });
  };
  await start('etcd');
  await start('kube-apiserver');
  return {
    kubeconfigPath: settings.pki.admin,
    port: endpoints.apiServer,
    version,
    audit: new AuditLog(settings.audit.log),
    kubeconfigFor: (user, groups = ['system:masters']) =>
      kubeconfigFor(directory, endpoints, { user, groups }),
    kill: async (name) => {
      const record = launcher.state.processes.findLast((one) => one.name === name);
      if (record === undefined) return;
      signalProcess(record.pid, 'SIGKILL');
      await stopProcess(record);
    },
    start,
    stop: async () => {
      for (const record of launcher.state.processes.toReversed()) await stopProcess(record);
      process.off('exit', killWithUs);
    },
  };
}

interface Startable {
  readonly name: RigProgram;
  readonly command: string;
  readonly args: readonly string[];
  readonly check: () => Promise<boolean>;
}

async function programsOf(
  settings: ControlPlaneSettings,
  binaries: Programs<RigProgram>,
): Promise<Readonly<Record<RigProgram, Startable>>> {
  const { endpoints, pki } = settings;
  const authority = await readFile(pki.authority.certificate, 'utf8');
  return {
    etcd: {
      name: 'etcd',
      command: binaries.etcd,
      args: etcdArguments(settings),
      check: () => isListening(HOST, endpoints.etcdClient),
    },
    'kube-apiserver': {
      name: 'kube-apiserver',
      command: binaries['kube-apiserver'],
      args: apiServerArguments(settings),
      check: () => apiServerReady(apiServerUrl(endpoints), authority),
    },
  };
}

async function freeEndpoints(): Promise<Endpoints> {
  const [apiServer = 0, etcdClient = 0, etcdPeer = 0] = await freePorts(HOST, 3);
  return { host: HOST, apiServer, etcdClient, etcdPeer };
}

type AuditedSettings = ControlPlaneSettings & {
  readonly audit: { readonly policy: string; readonly log: string };
};

async function prepare(
  cluster: Instance,
  endpoints: Endpoints,
  auditedUsers: readonly string[],
): Promise<AuditedSettings> {
  const { directory } = cluster;
  const policy = join(directory, 'audit-policy.json');
  await writeFile(policy, JSON.stringify(auditPolicy(auditedUsers)));
  return {
    endpoints,
    pki: await writePki(cluster, endpoints, systemClock.now()),
    dataDirectory: join(directory, 'etcd'),
    serviceRange: SERVICE_RANGE,
    podRange: cluster.network.podRange,
    hasNode: false,
    audit: { policy, log: join(directory, 'audit.log') },
  };
}

function auditPolicy(users: readonly string[]): object {
  return {
    apiVersion: 'audit.k8s.io/v1',
    kind: 'Policy',
    omitStages: ['RequestReceived'],
    rules: [{ level: 'Metadata', users }, { level: 'None' }],
  };
}

async function kubeconfigFor(directory: string, endpoints: Endpoints, identity: Identity): Promise<string> {
  const authority = await readAuthority(directory);
  // Colons part paths in KUBECONFIG.
  return writeKubeconfig(join(directory, `${identity.user.replaceAll(':', '-')}.kubeconfig`), identity, {
    authority,
    endpoints,
    now: systemClock.now(),
  });
}
