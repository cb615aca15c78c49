import { describe, expect, it } from 'vitest';
import { ledgerPod, type DeploymentView } from './ledger.ts';

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
