/**
 * The people of the story. The kubeconfig of a demo is that of an administrator who may do everything, and who may therefore neither ask nor
 * decide; each person is impersonated instead, with the groups that an identity provider would say.
 */
import { errorMessage, TerminalError } from '../../../core/errors.ts';
import type { Kubectl } from '../kubectl.ts';

/** Somebody, as the API server is told. */
export interface Person {
  readonly name: string;
  readonly groups: readonly string[];
}

/** Deploys servers, and could approve if they were not her own. */
export const ALICE: Person = { name: 'alice', groups: ['developers', 'security-reviewers'] };
/** Approves where security is concerned. */
export const BOB: Person = { name: 'bob', groups: ['security-reviewers'] };
/** Of the group without which the policy is never content. */
export const CAROL: Person = { name: 'carol', groups: ['platform-leads'] };

/** @returns the flags with which kubectl speaks for somebody. */
export function speakingFor({ name, groups }: Person): readonly string[] {
  return [`--as=${name}`, ...groups.map((group) => `--as-group=${group}`)];
}

/** @returns kubectl in the hands of somebody. */
export function inTheHandsOf(person: Person, kubectl: Kubectl): Kubectl {
  return (args, input) => kubectl([...args, ...speakingFor(person)], input);
}

/**
 * What somebody is told who may not.
 * @param words must be in it: else it failed for another reason, and the demo with it.
 * @throws TerminalError when it was let through.
 */
export async function refusalOf(attempt: Promise<string>, words: string): Promise<string> {
  const answer = await attempt.then(
    (said) => ({ isRefused: false, said }),
    (error: unknown) => ({ isRefused: true, said: errorMessage(error) }),
  );
  const said = answer.said.slice(answer.said.indexOf('\n') + 1).trimEnd();
  if (answer.isRefused && said.includes(words)) return said;
  const what = answer.isRefused ? 'was refused for another reason' : 'was let through';
  throw new TerminalError(`what had to be refused ("${words}") ${what}: ${said}`);
}
