/**
 * `make demo-approval`: two servers with the same failure. Of the one it can be repaired, of the other it only looks so. People decide, the operator
 * does exactly what they saw, looks whether it helped, and puts back what did not.
 */
import { installEverything, runStory, type Demo, type Tools } from '../frame.ts';
import { approve, approveAlone, refuse } from './deciding.ts';
import { repair, rollBack } from './execution.ts';
import { deploy, find } from './finding.ts';
import { showLedger } from './history.ts';
import { ALICE, CAROL } from './people.ts';
import { NAMESPACE } from './policy.ts';
import { sceneOf } from './scene.ts';
import { prepare } from './setting.ts';

const STAGES = 10;

/** Runs everything. Rejects as soon as something is not as promised, after printing what to look at. */
export function runApprovalDemo(demo: Demo): Promise<void> {
  return runStory(demo, {
    stages: STAGES,
    namespace: NAMESPACE,
    tell: (tools) => tell(demo, tools),
    nextSteps,
  });
}

async function tell(demo: Demo, tools: Tools): Promise<void> {
  await installEverything(demo, tools);
  const { stages } = tools;
  const scene = sceneOf(demo, tools);
  await stages.run('People: a namespace, its policy, and who may decide', () => prepare(scene));
  await stages.run('Servers: alice deploys two, and leaves their root file systems open', () =>
    deploy(scene),
  );
  const request = await stages.run('Finding: a check fails, and asks whether it may be repaired', () =>
    find(scene),
  );
  await stages.run('Approval: one is not enough, and alice has none for what she changed', async () => {
    await approveAlone(scene, request);
    await refuse(scene, ALICE, request, 'you changed the target');
    await approve(scene, CAROL, request, 'Agreed.');
  });
  await stages.run('Repair: what was approved is done, and the check passes', () => repair(scene, request));
  const rolledBack = await stages.run('Rollback: the same change of a server that cannot bear it', () =>
    rollBack(scene),
  );
  await stages.run('Ledger: who asked, who decided, and what was done', () =>
    showLedger(scene, request, rolledBack),
  );
}

/** The last words of a demo that came out right. */
function nextSteps(kubeconfig: string, programs: string, cleanUp: string): string {
  return [
    'Go on:',
    `  export KUBECONFIG=${kubeconfig} PATH=${programs}:$PATH`,
    `  kubectl get appol,apr,apd --namespace ${NAMESPACE} --output wide`,
    `  kubectl describe apr --namespace ${NAMESPACE}`,
    '  docs/approval.md says what may be asked and who may decide, examples/approval/ has policies to begin with.',
    'Clean up:',
    `  ${cleanUp}`,
  ].join('\n');
}
