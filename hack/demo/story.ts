/**
 * The demo from beginning to end: a cluster, images, the operator, three servers, a compliance check, and what there is to see.
 */
import { dirname } from 'node:path';
import type { Clock } from '../../core/clock.ts';
import { ensurePrograms, kubernetesVersion, type Reporter } from '../cluster/index.ts';
import type { DemoCluster } from './clusters/demo-cluster.ts';
import { applyCheck, showCompliance, waitForCheck } from './compliance.ts';
import { installOperator } from './install.ts';
import { kubectlFor, type Kubectl } from './kubectl.ts';
import { applySamples, waitForSamples } from './samples.ts';
import { shipImages } from './shipping.ts';
import { Stages, type Print } from './stages.ts';
import { callTool, explainBroken, nextSteps, showTables } from './tour.ts';
import { showTrouble } from './trouble.ts';
import { ensureVolume } from './volume.ts';

const STAGES = 7;

/** What the demo works with. */
export interface Demo {
  readonly cluster: DemoCluster;
  /** Command that takes the demo away again. */
  readonly cleanUp: string;
  readonly print: Print;
  readonly report: Reporter;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

interface Tools {
  readonly stages: Stages;
  readonly kubectl: Kubectl;
  readonly helm: string;
}

/** Runs everything. Rejects as soon as something is not as promised, after printing what to look at. */
export async function runDemo(demo: Demo): Promise<void> {
  const { cluster, print, report, clock, signal } = demo;
  const stages = new Stages(STAGES, print, clock);
  await stages.run(`Cluster: ${cluster.description}`, () => cluster.start(signal));
  const version = kubernetesVersion();
  const programs = await ensurePrograms(['kubectl', 'helm'], { version, report, signal });
  const kubectl = kubectlFor(programs.kubectl, cluster.kubeconfig, signal);
  try {
    await fillCluster(demo, { stages, kubectl, helm: programs.helm });
  } catch (error) {
    await showTrouble(kubectl, print);
    print(`\nEverything is left as it is, to look around. To take it away: ${demo.cleanUp}`);
    throw error;
  }
  print(`\n${stages.summary()}\n\n${nextSteps(cluster.kubeconfig, dirname(programs.kubectl), demo.cleanUp)}`);
}

async function fillCluster(demo: Demo, { stages, kubectl, helm }: Tools): Promise<void> {
  const { cluster, print, report, clock, signal } = demo;
  const { kubeconfig, imagePrefix, volumes } = cluster;
  const image = await stages.run('Images: the operator and the sample servers', async () => {
    await kubectl(['apply', '--filename', 'hack/demo/namespaces.yaml']);
    return shipImages(cluster, kubectl, report, signal);
  });
  await stages.run('Operator: installed with Helm, with a store of its own', async () => {
    await ensureVolume(kubectl, volumes);
    await installOperator({ helm, kubectl, kubeconfig, image, report, signal });
  });
  await stages.run('Servers: three of them', async () => {
    print((await applySamples(kubectl, imagePrefix)).trimEnd());
    await report.step('servers', (progress) => waitForSamples(kubectl, { clock, progress, signal }));
  });
  await stages.run('Status: what the operator says about them', async () => {
    await showTables(kubectl, print);
    await explainBroken(kubectl, print);
  });
  await stages.run('Tool call: from a pod labelled mcp.kilocode.ai/client: "true"', () =>
    callTool(kubectl, imagePrefix, print),
  );
  await stages.run('Compliance: every check of the profile mcp-baseline-v1', async () => {
    print((await applyCheck(kubectl, imagePrefix)).trimEnd());
    await report.step('check', (progress) => waitForCheck(kubectl, { clock, progress, signal }));
    await showCompliance(kubectl, print);
  });
}
