/**
 * A control plane that belongs to the process that started it, for tests: ports of its own, gone when the process is.
 */
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { systemClock } from '../../../core/clock.ts';
import { ensurePrograms, kubernetesVersion } from '../binaries/index.ts';
import { instance, type Endpoints } from '../instance.ts';
import { Launcher } from '../launcher.ts';
import { freePorts } from '../ports.ts';
import { signalProcess, stopProcess, type ProcessRecord } from '../processes.ts';
import { silentReporter, type Reporter } from '../report.ts';
import { readAuthority, writeKubeconfig, type Identity } from './files.ts';
import { CONTROL_PLANE_PROGRAMS, launchControlPlane } from './start.ts';

/** How to start a control plane. */
export interface ControlPlaneOptions {
  /** Receives data, certificates, logs and the kubeconfig; made when absent, emptied by `stop()`. */
  readonly directory: string;
  /** Of Kubernetes, such as `1.36.3`; by default `$KUBERNETES_VERSION`, else the project's default. */
  readonly version?: string | undefined;
  /** Whether the API server writes `logs/audit.log`; a file's path is its policy. */
  readonly audit?: boolean | string;
  /** Path of the API server's AdmissionConfiguration. */
  readonly admissionConfiguration?: string;
  /**
   * Runs when the API server is ready, before the controller manager starts: the place for CRDs, because the garbage collector learns of
   * kinds when it starts and then only every 30 seconds.
   */
  readonly prepare?: (kubeconfigPath: string) => Promise<void>;
  readonly report?: Reporter;
  readonly signal?: AbortSignal;
}

/** A running control plane. */
export interface ControlPlane {
  /** Of an administrator. */
  readonly kubeconfigPath: string;
  readonly directory: string;
  readonly version: string;
  /** Writes a kubeconfig for another user into the directory and returns its path. */
  kubeconfigFor(identity: Identity): Promise<string>;
  /** Ends the programs, newest first, and deletes their data. May be called again. */
  stop(): Promise<void>;
}

/** Starts etcd, API server and controller manager on free ports of the loopback, and waits until the API server is ready. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { signal, report = silentReporter } = options;
  const version = kubernetesVersion(options.version);
  const cluster = instance(0, options.directory);
  const programs = await ensurePrograms(CONTROL_PLANE_PROGRAMS, { version, report, signal });
  const endpoints = await freeEndpoints();
  const launcher = new Launcher(cluster, { kubernetesVersion: version, endpoints, hasNode: false });
  const release = endWithThisProcess(() => launcher.state.processes);
  const stop = async (): Promise<void> => {
    for (const record of launcher.state.processes.toReversed()) await stopProcess(record);
    await Promise.all(
      ['etcd', 'pki'].map((name) => rm(join(cluster.directory, name), { recursive: true, force: true })),
    );
    release();
  };
  try {
    await launcher.begin();
    const start = {
      cluster,
      endpoints,
      programs,
      launcher,
      report,
      signal,
      hasNode: false,
      audit: options.audit,
      admissionConfiguration: options.admissionConfiguration,
      prepare: options.prepare,
    };
    const pki = await launchControlPlane(start);
    const directory = cluster.directory;
    return {
      kubeconfigPath: pki.admin,
      directory,
      version,
      kubeconfigFor: (who) => kubeconfigFor(directory, endpoints, who),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Writes a kubeconfig for a user of the cluster in `directory`. Names of files follow from user and groups. */
async function kubeconfigFor(directory: string, endpoints: Endpoints, identity: Identity): Promise<string> {
  const authority = await readAuthority(directory);
  const name = [identity.user, ...(identity.groups ?? [])].join(',').replace(/[^\w.,@-]/g, '_');
  const path = resolve(directory, 'pki', `user-${name}.kubeconfig`);
  return writeKubeconfig(path, identity, { authority, endpoints, now: systemClock.now() });
}

async function freeEndpoints(): Promise<Endpoints> {
  const host = '127.0.0.1';
  const [apiServer = 0, etcdClient = 0, etcdPeer = 0] = await freePorts(host, 3);
  return { host, apiServer, etcdClient, etcdPeer };
}

/** Kills the programs when this process exits without having stopped them, a failed test run for instance. */
function endWithThisProcess(records: () => readonly ProcessRecord[]): () => void {
  const kill = (): void => {
    for (const { pid } of records()) signalProcess(pid, 'SIGKILL');
  };
  process.once('exit', kill);
  return () => process.off('exit', kill);
}
