/** Webhooks in a process of their own, looked at from outside, and the configurations of the chart that lead to them from one namespace. */
import { fork, type ChildProcess } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../../core/clock.ts';
import { createAuthority, issue, type KeyPair } from '../../../hack/cluster/pki.ts';
import { freePorts } from '../../../hack/cluster/ports.ts';
import { readCpuSeconds, readMemory } from '../../faults/process/index.ts';
import type { Manifest } from '../../harness/helm.ts';
import { kubectl } from '../../harness/kubectl.ts';
import { configurationsLeadingTo } from '../../harness/webhooks.ts';
import { deployedEnvironment, deployedNodeFlags } from './deployed-node.ts';

const HOST = '127.0.0.1';
const PROGRAM = fileURLToPath(new URL('admission-server.ts', import.meta.url));
const MEBIBYTE = 1024 ** 2;

/** A started process. */
export class AdmissionProcess {
  readonly #child: ChildProcess;
  readonly #authority: KeyPair;
  readonly #port: number;
  readonly #exited: Promise<readonly unknown[]>;

  private constructor(child: ChildProcess, authority: KeyPair, port: number) {
    this.#child = child;
    this.#authority = authority;
    this.#port = port;
    this.#exited = once(child, 'exit');
  }

  /** @param kubeconfigPath of whom our webhooks act as; without it, everything is allowed. */
  static async start(kubeconfigPath?: string): Promise<AdmissionProcess> {
    const authority = await createAuthority('webhooks of the benchmark', systemClock.now());
    const [port = 0] = await freePorts(HOST, 1);
    const child = fork(PROGRAM, [String(port), ...(kubeconfigPath === undefined ? [] : [kubeconfigPath])], {
      execArgv: [...(await deployedNodeFlags())],
      env: { ...process.env, ...(await deployedEnvironment()) },
    });
    const started = new AdmissionProcess(child, authority, port);
    await started.replaceCertificate();
    return started;
  }

  /** Issues another serving certificate, and resolves when a handshake has met it. */
  async replaceCertificate(): Promise<void> {
    const subject = { commonName: 'webhooks', hosts: [HOST] };
    const { certificate: cert, key } = await issue(this.#authority, subject, systemClock.now());
    const served = once(this.#child, 'message');
    this.#child.send({ cert, key });
    const [news] = await Promise.race([served, this.#exited]);
    if (news !== 'serving') throw new Error(`the admission server ended with ${String(news)}`);
    const expected = new X509Certificate(cert).serialNumber;
    const met = await serialNumberAt(this.#port, this.#authority.certificate);
    if (met !== expected) throw new Error(`certificate ${met} is served instead of ${expected}`);
  }

  /** The chart's configurations, for requests in one namespace. */
  async configurations(namespace: string): Promise<readonly Manifest[]> {
    const origin = `https://${HOST}:${this.#port}`;
    const manifests = await configurationsLeadingTo(origin, this.#authority.certificate);
    return manifests.map((manifest) => limitedTo(namespace, manifest));
  }

  /** Processor time since its start. */
  async cpuMs(): Promise<number> {
    return (await readCpuSeconds(this.#child.pid ?? 0)) * 1000;
  }

  async memoryMiB(): Promise<number> {
    return (await readMemory(this.#child.pid ?? 0)).residentBytes / MEBIBYTE;
  }

  async stop(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    await this.#exited;
  }
}

function limitedTo(namespace: string, manifest: Manifest): Manifest {
  const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': namespace } };
  const webhooks = (manifest['webhooks'] as readonly object[]).map((webhook) => ({
    ...webhook,
    namespaceSelector,
  }));
  return { ...manifest, metadata: { name: namespace }, webhooks };
}

function serialNumberAt(port: number, ca: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: HOST, port, ca }, () => {
      resolve(socket.getPeerCertificate().serialNumber);
      socket.destroy();
    });
    socket.once('error', reject);
  });
}

/** Applies or deletes objects as one list. */
export async function putObjects(
  kubeconfigPath: string,
  verb: 'apply' | 'delete',
  items: readonly object[],
): Promise<void> {
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  const flags = verb === 'apply' ? ['--server-side'] : ['--ignore-not-found'];
  await kubectl(kubeconfigPath, [verb, ...flags, '-f', '-'], list);
}
