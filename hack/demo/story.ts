/**
 * The demo from beginning to end: a cluster, images, the operator, three servers, a compliance check, and what there is to see.
 */
import { applyCheck, showCompliance, waitForCheck } from './compliance.ts';
import { installEverything, runStory, type Demo, type Tools } from './frame.ts';
import { applySamples, SAMPLES_NAMESPACE, waitForSamples } from './samples.ts';
import { callTool, explainBroken, nextSteps, showTables } from './tour.ts';

const STAGES = 7;

/** Runs everything. Rejects as soon as something is not as promised, after printing what to look at. */
export function runDemo(demo: Demo): Promise<void> {
  return runStory(demo, {
    stages: STAGES,
    namespace: SAMPLES_NAMESPACE,
    tell: (tools) => fillCluster(demo, tools),
    nextSteps,
  });
}

async function fillCluster(demo: Demo, tools: Tools): Promise<void> {
  await installEverything(demo, tools);
  const { stages, kubectl } = tools;
  const { cluster, print, report, clock, signal } = demo;
  const { imagePrefix } = cluster;
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
