/**
 * What every demo has around its story: a cluster with kubectl and Helm, the images and the operator in front, and, when something is not as
 * promised, what to look at.
 */
import { dirname } from 'node:path';
import type { Clock } from '../../core/clock.ts';
import { ensurePrograms, kubernetesVersion, type Reporter } from '../cluster/index.ts';
import type { DemoCluster } from './clusters/demo-cluster.ts';
import { installOperator } from './install.ts';
import { kubectlFor, type Kubectl } from './kubectl.ts';
import { shipImages } from './shipping.ts';
import { Stages, type Print } from './stages.ts';
import { showTrouble } from './trouble.ts';
import { ensureVolume } from './volume.ts';

/** What a demo works with. */
export interface Demo {
  readonly cluster: DemoCluster;
  /** Command that takes the demo away again. */
  readonly cleanUp: string;
  readonly print: Print;
  readonly report: Reporter;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** What a story is told with. */
export interface Tools {
  readonly stages: Stages;
  readonly kubectl: Kubectl;
  /** kubectl for what must be put right also after the demo's own signal: the given one alone ends it. */
  readonly kubectlWithin: (signal: AbortSignal) => Kubectl;
  readonly helm: string;
}

/** One demo. */
export interface Story {
  /** How many stages it has, that of the cluster among them. */
  readonly stages: number;
  /** Where it plays: what is looked at when it fails. */
  readonly namespace: string;
  /** Everything after the cluster is there. Rejects as soon as something is not as promised. */
  tell(tools: Tools): Promise<void>;
  /** The last words. @param programs the folder that holds kubectl. */
  nextSteps(kubeconfig: string, programs: string, cleanUp: string): string;
}

/** Starts the cluster or finds it running, and tells the story on it. */
export async function runStory(demo: Demo, story: Story): Promise<void> {
  const { cluster, print, report, clock, signal } = demo;
  const stages = new Stages(story.stages, print, clock);
  await stages.run(`Cluster: ${cluster.description}`, () => cluster.start(signal));
  const version = kubernetesVersion();
  const programs = await ensurePrograms(['kubectl', 'helm'], { version, report, signal });
  const kubectlWithin = (within: AbortSignal): Kubectl =>
    kubectlFor(programs.kubectl, cluster.kubeconfig, within);
  const kubectl = kubectlWithin(signal);
  try {
    await story.tell({ stages, kubectl, kubectlWithin, helm: programs.helm });
  } catch (error) {
    await showTrouble(kubectl, story.namespace, print);
    print(`\nEverything is left as it is, to look around. To take it away: ${demo.cleanUp}`);
    throw error;
  }
  const last = story.nextSteps(cluster.kubeconfig, dirname(programs.kubectl), demo.cleanUp);
  print(`\n${stages.summary()}\n\n${last}`);
}

/** Two stages: the images are on the cluster, and the operator runs. Where nothing changed since the last time nothing is done. */
export async function installEverything(demo: Demo, { stages, kubectl, helm }: Tools): Promise<void> {
  const { cluster, report, signal } = demo;
  const { kubeconfig, volumes } = cluster;
  const image = await stages.run('Images: the operator and the sample servers', async () => {
    await kubectl(['apply', '--filename', 'hack/demo/namespaces.yaml']);
    return shipImages(cluster, kubectl, report, signal);
  });
  await stages.run('Operator: installed with Helm, with a store of its own', async () => {
    await ensureVolume(kubectl, volumes);
    await installOperator({ helm, kubectl, kubeconfig, image, report, signal });
  });
}
