import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../core/testing/fake-clock.ts';
import type { Kubectl } from '../kubectl.ts';
import { askLedger, ledgerPod, type DeploymentView } from './ledger.ts';

const deployment: DeploymentView = {
  spec: {
    template: {
      spec: {
        serviceAccountName: 'mcp-operator',
        securityContext: { runAsNonRoot: true, fsGroup: 65532 },
        volumes: [{ name: 'store', persistentVolumeClaim: { claimName: 'mcp-operator-store' } }],
        containers: [
          {
            name: 'operator',
            image: 'localhost/mcp-operator:dev',
            args: ['operator'],
            ports: [{ containerPort: 8443 }],
            livenessProbe: {},
            securityContext: { readOnlyRootFilesystem: true },
            volumeMounts: [{ name: 'store', mountPath: '/var/lib/kilo-mcp' }],
          },
        ],
      },
    },
  },
};

interface PodManifest {
  readonly metadata: { readonly labels: object };
  readonly spec: {
    readonly initContainers: readonly object[];
    readonly containers: readonly object[];
    readonly [field: string]: unknown;
  };
}

describe('the pod that reads the ledger', () => {
  const questions = ['verify', 'executed', 'rolledback'].map((name) => ({ name, args: ['ledger', name] }));
  const { metadata, spec } = ledgerPod(deployment, questions) as PodManifest;

  it('asks one question after the other, by the settings of the operator', () => {
    expect(spec.initContainers).toMatchObject([
      { name: 'verify', args: ['ledger', 'verify', '--config=/etc/kilo-mcp/config.yaml'] },
      { name: 'executed' },
    ]);
    expect(spec.containers).toMatchObject([{ name: 'rolledback', image: 'localhost/mcp-operator:dev' }]);
  });

  it('has the volume and the security of the operator, and the checkpoints', () => {
    expect(spec).toMatchObject({
      securityContext: { runAsNonRoot: true, fsGroup: 65532 },
      volumes: [{ name: 'store' }, { configMap: { name: 'mcp-operator-ledger' } }],
    });
    expect(spec.containers).toMatchObject([
      {
        securityContext: { readOnlyRootFilesystem: true },
        volumeMounts: [{ mountPath: '/var/lib/kilo-mcp' }, { mountPath: '/etc/kilo-mcp-checkpoints' }],
      },
    ]);
  });

  it('is none of the operator’s own: no rights, no probes, no labels by which it would get requests', () => {
    expect(spec).toMatchObject({ automountServiceAccountToken: false, restartPolicy: 'Never' });
    expect(spec).not.toHaveProperty('serviceAccountName');
    for (const field of ['ports', 'livenessProbe']) expect(spec.containers[0]).not.toHaveProperty(field);
    expect(metadata.labels).toEqual({ 'app.kubernetes.io/name': 'mcp-ledger-reader' });
  });
});

/** What becomes of a call other than an answer. */
interface Trouble {
  readonly failsAt?: string;
  /** The demo's signal aborts while it runs. */
  readonly interruptedAt?: string;
}

/** Asks one question. @returns what came of it, and what was called. */
async function ask({ failsAt, interruptedAt }: Trouble = {}) {
  const demo = new AbortController();
  const calls: string[] = [];
  const kubectlWithin =
    (signal: AbortSignal): Kubectl =>
    async (args) => {
      signal.throwIfAborted();
      const [verb = '', object = ''] = args;
      const call = verb === 'scale' ? `scale ${args.at(-1)}` : `${verb} ${object}`;
      calls.push(call);
      if (call === interruptedAt) demo.abort(new Error('interrupted'));
      signal.throwIfAborted();
      if (call === failsAt) throw new Error(`${call} failed`);
      if (call === 'get deployment/mcp-operator') return JSON.stringify(deployment);
      return call === 'get pod' ? 'Succeeded' : 'said\n';
    };
  const { signal } = demo;
  const answers = askLedger(
    { kubectl: kubectlWithin(signal), kubectlWithin },
    [{ name: 'verify', args: ['ledger', 'verify'] }],
    { clock: new FakeClock(), progress: () => undefined, signal },
  );
  return { calls, outcome: await answers.catch(({ message }: Error) => message) };
}

describe('the operator that paused for the ledger', () => {
  const paused = ['get deployment/mcp-operator', 'scale --replicas=0', 'wait pods'];
  const resumed = ['scale --replicas=1', 'rollout status'];

  it('runs again when everything is answered', async () => {
    const { calls, outcome } = await ask();
    expect(outcome).toEqual(['said']);
    expect(calls.slice(0, 3)).toEqual(paused);
    expect(calls.slice(-2)).toEqual(resumed);
  });

  it.each([
    ['its pod does not go in time', { failsAt: 'wait pods' }, 'wait pods failed'],
    ['the demo is interrupted meanwhile', { interruptedAt: 'wait pods' }, 'interrupted'],
  ])('runs again when %s', async (_which, trouble, problem) => {
    const { calls, outcome } = await ask(trouble);
    expect(outcome).toBe(problem);
    expect(calls).toEqual([...paused, ...resumed]);
  });

  it('runs again when an answer cannot be read', async () => {
    const { calls, outcome } = await ask({ failsAt: 'logs mcp-ledger-reader' });
    expect(outcome).toBe('logs mcp-ledger-reader failed');
    expect(calls.slice(-2)).toEqual(resumed);
  });
});
