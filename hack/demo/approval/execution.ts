/** What the operator does with what was approved: a change that works, and one that does not. */
import { SERVER_CONTAINER } from '../../../api/index.ts';
import { TerminalError } from '../../../core/errors.ts';
import { withAnswer } from '../kubectl.ts';
import { readServers } from '../samples.ts';
import { approveTogether, refuse } from './deciding.ts';
import { runCheck, waitUntilReady } from './finding.ts';
import { ALICE, inTheHandsOf, speakingFor } from './people.ts';
import { podTable, waitForPods } from './pods.ts';
import { NAMESPACE } from './policy.ts';
import { conditionText, create, reach, requestAbout, requestFor, type RequestView } from './requests.ts';
import { CLOCK, FAILING, JOURNAL, type Scene } from './scene.ts';
import { indented } from './setting.ts';

const HERE = ['--namespace', NAMESPACE];

/** The pod is another one, with a root that nobody can write to; and the check, run anew, passes. */
export async function repair(scene: Scene, { metadata }: RequestView): Promise<void> {
  const { kubectl, print, step } = scene;
  const executed = await step('execution', (waiting) =>
    reach(kubectl, metadata.name, { phase: 'Executed', approvals: '2/2' }, waiting),
  );
  print(conditionLine(executed, 'Executed'));
  await step('pods', (waiting) => waitForPods(kubectl, CLOCK, true, waiting));
  print(await podTable(kubectl, CLOCK));
  const { counts, result } = (await runCheck(scene)).status ?? {};
  if (result !== 'Compliant' || counts?.fail !== 0 || counts.pass !== 1)
    throw new TerminalError(
      `${FAILING} was repaired, and the check says ${result}: ${JSON.stringify(counts)}`,
    );
  print(await withAnswer(kubectl, ['get', 'mcpcc', ...HERE]));
}

/** Alice asks for the same of a server that cannot bear it. @returns the request, after the old values are back. */
export async function rollBack(scene: Scene): Promise<RequestView> {
  const { kubectl, print, step } = scene;
  const request = await askAsAlice(scene);
  await refuse(scene, ALICE, request, 'you asked for this');
  await approveTogether(scene, request, 'The same as for the clock.');
  const expected = { phase: 'RolledBack', approvals: '2/2' } as const;
  const ended = await step('execution', (waiting) =>
    reach(kubectl, request.metadata.name, expected, waiting),
  );
  print(conditionLine(ended, 'RolledBack'));
  print(`  The values before, kept in its status: ${JSON.stringify(ended.status?.preImage?.values)}\n`);
  await isAsBefore(scene);
  return ended;
}

async function askAsAlice({ kubectl, print, step }: Scene): Promise<RequestView> {
  const server = (await readServers(kubectl, NAMESPACE)).find(({ metadata }) => metadata.name === JOURNAL);
  if (server === undefined) throw new TerminalError(`there is no server ${JOURNAL}`);
  const manifest = requestFor(server, FAILING);
  print(`$ kubectl create --namespace ${NAMESPACE} --filename - ${speakingFor(ALICE).join(' ')}`);
  print(indented(manifest));
  print((await create(inTheHandsOf(ALICE, kubectl), manifest)).trimEnd());
  return step('request', async (waiting) => {
    const name = await requestAbout(kubectl, JOURNAL, waiting);
    return reach(kubectl, name, { phase: 'Pending', approvals: '0/2' }, waiting);
  });
}

/** The spec, the pods and the server's own answer: all of them as they were. */
async function isAsBefore({ kubectl, print, step }: Scene): Promise<void> {
  const path = `{.spec.podTemplate.spec.containers[?(@.name=="${SERVER_CONTAINER}")].securityContext}`;
  const spec = ['get', 'mcpserver', JOURNAL, ...HERE, `--output=jsonpath=${path}`];
  const answer = await withAnswer(kubectl, spec);
  print(`${answer}\n`);
  if (!answer.endsWith('{"readOnlyRootFilesystem":false}'))
    throw new TerminalError(`${JOURNAL} was rolled back, and its spec is not as it was: ${answer}`);
  await step('pods', async (waiting) => {
    await waitForPods(kubectl, JOURNAL, false, waiting);
    await waitUntilReady(kubectl, [JOURNAL], waiting);
    waiting.progress('as before, and the server is Ready');
  });
  print(await podTable(kubectl, JOURNAL));
}

function conditionLine({ metadata, status = {} }: RequestView, wanted: 'Executed' | 'RolledBack'): string {
  return `  ${metadata.name}: ${conditionText(status, wanted)}\n`;
}
