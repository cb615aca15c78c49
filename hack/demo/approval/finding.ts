/** A failing check on a real server becomes a request. */
import { TerminalError } from '../../../core/errors.ts';
import { askForRun, findingLines, readCheck, type CheckView } from '../compliance.ts';
import { withAnswer, type Kubectl } from '../kubectl.ts';
import { applyExample, readServers } from '../samples.ts';
import { unmet } from '../verdict.ts';
import { waitForAll, type Waiting } from '../waiting.ts';
import { ALICE, inTheHandsOf } from './people.ts';
import { podTable } from './pods.ts';
import { NAMESPACE } from './policy.ts';
import { reach, requestAbout, type RequestView } from './requests.ts';
import { CHECK, CLOCK, FAILING, JOURNAL, type Scene } from './scene.ts';

const HERE = ['--namespace', NAMESPACE];

/** Alice deploys both servers, which the policies of the cluster allow: what they do is not forbidden, only worse than it could be. */
export async function deploy({ kubectl, print, imagePrefix, step }: Scene): Promise<void> {
  const alice = inTheHandsOf(ALICE, kubectl);
  for (const name of [CLOCK, JOURNAL]) {
    const manifest = `hack/demo/approval/${name}.yaml`;
    print(`alice: ${(await applyExample(alice, manifest, imagePrefix, NAMESPACE)).trimEnd()}`);
  }
  await step('servers', async (waiting) => {
    await waitUntilReady(kubectl, [CLOCK, JOURNAL], waiting);
    waiting.progress('both Ready');
  });
  print(await podTable(kubectl, CLOCK));
}

/** Waits until the operator says of the servers as they are now that they work. */
export function waitUntilReady(
  kubectl: Kubectl,
  servers: readonly string[],
  waiting: Waiting,
): Promise<void> {
  const ready = servers.map((server) => ({ server, condition: 'Ready', status: 'True' }) as const);
  const look = async (): Promise<readonly string[]> => unmet(await readServers(kubectl, NAMESPACE), ready);
  return waitForAll('the servers are', look, waiting);
}

/** The check runs, fails, and asks. @returns the request. */
export async function find(scene: Scene): Promise<RequestView> {
  const { kubectl, print, imagePrefix, step } = scene;
  print((await applyExample(kubectl, 'hack/demo/approval/check.yaml', imagePrefix, NAMESPACE)).trimEnd());
  const { worst = [] } = (await runCheck(scene)).status ?? {};
  print(`${findingLines(worst).join('\n')}\n`);
  if (!worst.some(({ check }) => check === FAILING))
    throw new TerminalError(`${FAILING} did not fail on ${CLOCK}`);
  const request = await step('request', async (waiting) => {
    const name = await requestAbout(kubectl, CLOCK, waiting);
    return reach(kubectl, name, { phase: 'Pending', approvals: '0/2' }, waiting);
  });
  print(await withAnswer(kubectl, ['get', 'apr', ...HERE, '--output', 'wide']));
  await describe(scene, request);
  return request;
}

/** What people read before they decide: the change itself, as they would write it. */
async function describe({ kubectl, print }: Scene, { metadata, status }: RequestView): Promise<void> {
  const description = await withAnswer(kubectl, ['describe', 'apr', metadata.name, ...HERE]);
  print(description);
  const lines = (status?.derived?.diff ?? '').split('\n').map((line) => line.trim());
  const missing = lines.filter((line) => !description.includes(line));
  if (lines.length < 2 || missing.length > 0)
    throw new TerminalError(`kubectl describe does not show the whole change: ${missing.join(', ')}`);
}

/** Asks for a run of the check, and waits for it. @returns the check afterwards. */
export async function runCheck({ kubectl, now, step }: Scene): Promise<CheckView> {
  return step('check', async (waiting) => {
    const asked = await askForRun(kubectl, CHECK, now());
    const look = async (): Promise<readonly string[]> => {
      const { status } = await readCheck(kubectl, CHECK);
      const isRun = status?.lastRunRequest === asked && status.phase === 'Done';
      return isRun ? [] : [`the run (${status?.phase ?? 'Pending'})`];
    };
    await waitForAll('the check is', look, waiting);
    const check = await readCheck(kubectl, CHECK);
    waiting.progress(`${check.status?.result}, score ${check.status?.score}`);
    return check;
  });
}
