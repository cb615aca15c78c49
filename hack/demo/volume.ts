/**
 * Where the operator's embedded store keeps its data. A cluster that makes volumes by itself is asked for one by the chart; the demo's own
 * has nothing that does, and gets a PersistentVolume by hand, as any cluster would whose node is this machine.
 */
import { mkdir } from 'node:fs/promises';
import { ConfigError } from '../../core/errors.ts';
import type { NodeVolumes } from './clusters/demo-cluster.ts';
import { OPERATOR } from './install.ts';
import { getList, type Kubectl } from './kubectl.ts';

const IS_DEFAULT = 'storageclass.kubernetes.io/is-default-class';
const CLAIM = `${OPERATOR.release}-store`;
/** What the chart asks for; nothing holds a folder to it. */
const SIZE = '2Gi';

interface StorageClassView {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
}

/** Sees to it that the claim of the chart can be bound; the error names the remedy when it cannot. */
export async function ensureVolume(kubectl: Kubectl, node: NodeVolumes | undefined): Promise<void> {
  const classes = await getList<StorageClassView>(kubectl, ['storageclasses']);
  if (classes.some(({ metadata }) => metadata.annotations?.[IS_DEFAULT] === 'true')) return;
  if (node === undefined) {
    throw new ConfigError(
      `the operator's store needs a volume, and the cluster has no default StorageClass: make one of its own the default ` +
        `(kubectl annotate storageclass NAME ${IS_DEFAULT}=true), and run the demo again`,
    );
  }
  await mkdir(node.directory, { recursive: true });
  await kubectl(['apply', '--filename', '-'], JSON.stringify(volume(node)));
}

/** Of the type `local`, not `hostPath`: only of that the kubelet gives the folder to the pod's group. */
function volume({ name, directory }: NodeVolumes): object {
  const hostname = { key: 'kubernetes.io/hostname', operator: 'In', values: [name] };
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: CLAIM },
    spec: {
      capacity: { storage: SIZE },
      accessModes: ['ReadWriteOnce'],
      persistentVolumeReclaimPolicy: 'Retain',
      claimRef: { namespace: OPERATOR.namespace, name: CLAIM },
      local: { path: directory },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [hostname] }] } },
    },
  };
}
