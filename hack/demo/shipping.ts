/**
 * Brings the images to the cluster, those that are not there yet. What was brought is noted in the cluster itself, in a ConfigMap, so
 * that the note is gone when the cluster is.
 */
import type { Reporter } from '../cluster/index.ts';
import type { DemoCluster } from './clusters/demo-cluster.ts';
import { demoImages, type ImageSource } from './images.ts';
import type { Kubectl } from './kubectl.ts';
import { SAMPLES_NAMESPACE } from './samples.ts';

const NOTE = 'demo-images';
const SHIP_DEADLINE_MS = 5 * 60_000;

/** Digest of each image on the cluster, by name. */
type Shipped = Readonly<Record<string, string>>;

/** Builds and ships what changed, and resolves with the reference of the operator's image. */
export async function shipImages(
  cluster: DemoCluster,
  kubectl: Kubectl,
  report: Reporter,
  signal: AbortSignal,
): Promise<string> {
  if (cluster.operatorImage !== undefined) return cluster.operatorImage;
  const [operator, ...samples] = await report.step('bundles', () => demoImages(signal));
  let shipped = await readNote(kubectl);
  for (const image of [operator, ...samples]) {
    if (shipped[image.name] === image.digest) {
      report.note(`  ${image.name}: unchanged`);
      continue;
    }
    const context = await report.step(`context of ${image.name}`, () => image.stage(signal));
    await cluster.ship(context, reference(cluster, image), { deadlineMs: SHIP_DEADLINE_MS, signal });
    shipped = { ...shipped, [image.name]: image.digest };
    await writeNote(kubectl, shipped);
  }
  return reference(cluster, operator);
}

function reference({ imagePrefix }: DemoCluster, { name, tag }: ImageSource): string {
  return `${imagePrefix}/${name}:${tag}`;
}

async function readNote(kubectl: Kubectl): Promise<Shipped> {
  const query = [
    'get',
    'configmap',
    NOTE,
    '--namespace',
    SAMPLES_NAMESPACE,
    '--ignore-not-found',
    '-o',
    'json',
  ];
  const text = await kubectl(query);
  if (text === '') return {};
  const note: { readonly data?: Shipped } = JSON.parse(text);
  return note.data ?? {};
}

async function writeNote(kubectl: Kubectl, data: Shipped): Promise<void> {
  const note = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: NOTE, namespace: SAMPLES_NAMESPACE },
    data,
  };
  await kubectl(['apply', '--filename', '-'], JSON.stringify(note));
}
