/** Before anything happens: a namespace as new, the policy that binds it, and who may decide there. */
import { readFile } from 'node:fs/promises';
import { stringify } from 'yaml';
import { applyExample } from '../samples.ts';
import { withAnswer } from '../kubectl.ts';
import { BOB, speakingFor } from './people.ts';
import { NAMESPACE, POLICY, policyOf } from './policy.ts';
import type { Scene } from './scene.ts';

const EXAMPLE = 'examples/approval/regulated-production.yaml';

/** What an earlier telling left goes first: a change that was rolled back is not asked for again for a while. */
export async function prepare({ kubectl, print, imagePrefix, step }: Scene): Promise<void> {
  await step('namespace', async ({ progress }) => {
    const remove = ['delete', 'namespace', NAMESPACE, '--ignore-not-found'];
    await kubectl([...remove, '--request-timeout=0', '--timeout=120s']);
    print((await applyExample(kubectl, 'hack/demo/approval/around.yaml', imagePrefix, NAMESPACE)).trimEnd());
    progress(`${NAMESPACE}, as new`);
  });
  const policy = stringify(policyOf(await readFile(EXAMPLE, 'utf8')));
  print(`\nThe policy is that of ${EXAMPLE}, without its weekend:\n\n${indented(policy)}`);
  print((await kubectl(['apply', '--filename', '-'], policy)).trimEnd());
  const mayBob = ['auth', 'can-i', 'approve', `approvalpolicies/${POLICY}`, '--namespace', NAMESPACE];
  print((await withAnswer(kubectl, [...mayBob, ...speakingFor(BOB)])).trimEnd());
}

/** @returns the text as it stands out between lines of prose. */
export function indented(text: string): string {
  return text.trimEnd().replaceAll(/^(?=.)/gm, '  ');
}
