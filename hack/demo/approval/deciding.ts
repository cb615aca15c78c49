/** People decide: what they write, what they are told, and what it comes to. */
import { withAnswer } from '../kubectl.ts';
import { BOB, CAROL, inTheHandsOf, refusalOf, speakingFor, type Person } from './people.ts';
import { podTable, waitForPods } from './pods.ts';
import { NAMESPACE } from './policy.ts';
import { approvalOf, create, reach, type RequestView } from './requests.ts';
import { CLOCK, type Scene } from './scene.ts';
import { indented } from './setting.ts';

const HERE = ['--namespace', NAMESPACE];

/** One person's approval is recorded, and not enough: nothing is touched. */
export async function approveAlone(scene: Scene, request: RequestView): Promise<void> {
  const { kubectl, print, step } = scene;
  const { name } = request.metadata;
  const manifest = approvalOf(request, 'The clock writes nothing to its root.');
  print(`${commandOf(BOB)}\n${indented(manifest)}`);
  print((await create(inTheHandsOf(BOB, kubectl), manifest)).trimEnd());
  const expected = { phase: 'Pending', approvals: '1/2' } as const;
  const { status } = await step('decision', (waiting) => reach(kubectl, name, expected, waiting));
  print(`  One more is needed, and it must be somebody of ${status?.approvals?.missing.join(', ')}.\n`);
  print(await withAnswer(kubectl, ['get', 'apr', ...HERE, '--output', 'wide']));
  await step('pods', (waiting) => waitForPods(kubectl, CLOCK, false, waiting));
  print(await podTable(kubectl, CLOCK));
}

/** Prints what admission tells somebody who may approve in general and not of this. @param words of the message. */
export async function refuse(
  { kubectl, print }: Scene,
  person: Person,
  request: RequestView,
  words: string,
): Promise<void> {
  const attempt = create(inTheHandsOf(person, kubectl), approvalOf(request, 'Mine, and fine.'));
  print(`${commandOf(person)}\n${indented(await refusalOf(attempt, words))}\n`);
}

/** Somebody approves. */
export async function approve(
  { kubectl, print }: Scene,
  person: Person,
  request: RequestView,
  reason: string,
): Promise<void> {
  const said = await create(inTheHandsOf(person, kubectl), approvalOf(request, reason));
  print(`${commandOf(person)}\n${said.trimEnd()}`);
}

/** Bob and Carol, one after the other: two persons, and one of them of the platform's leads. */
export async function approveTogether(scene: Scene, request: RequestView, reason: string): Promise<void> {
  for (const person of [BOB, CAROL]) await approve(scene, person, request, reason);
}

function commandOf(person: Person): string {
  return `$ kubectl create --namespace ${NAMESPACE} --filename - ${speakingFor(person).join(' ')}`;
}
