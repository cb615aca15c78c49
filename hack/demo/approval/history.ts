/** The end of the story: what the ledger holds of it. */
import { TerminalError } from '../../../core/errors.ts';
import { askLedger, CHECKPOINTS_FILE } from './ledger.ts';
import { ALICE, BOB, CAROL } from './people.ts';
import { NAMESPACE } from './policy.ts';
import type { RequestView } from './requests.ts';
import type { Scene } from './scene.ts';

/** What the ledger must say of a request. */
export interface Told {
  readonly request: RequestView;
  readonly phase: 'Executed' | 'RolledBack';
}

/** Prints the verdict on the ledger, and what it holds of both requests. */
export async function showLedger(
  { kubectl, kubectlWithin, print, step }: Scene,
  repaired: RequestView,
  rolledBack: RequestView,
): Promise<void> {
  const told: readonly Told[] = [
    { request: repaired, phase: 'Executed' },
    { request: rolledBack, phase: 'RolledBack' },
  ];
  const questions = [
    { name: 'verify', args: ['ledger', 'verify', `--checkpoints=${CHECKPOINTS_FILE}`] },
    ...told.map(({ request, phase }) => ({
      name: phase.toLowerCase(),
      args: ['ledger', 'show', request.metadata.name, `--namespace=${NAMESPACE}`],
    })),
  ];
  const answers = await step('ledger', (waiting) =>
    askLedger({ kubectl, kubectlWithin }, questions, waiting),
  );
  for (const [index, { args }] of questions.entries())
    print(`$ kilo-mcp ${args.join(' ')}\n${answers[index]}\n`);
  const problems = problemsOf(answers, told);
  if (problems.length > 0) throw new TerminalError(`the ledger does not say ${problems.join(', nor ')}`);
}

/** @param answers that of `ledger verify`, and one of `ledger show` for each that is told of. @returns what is not in them. */
export function problemsOf(
  [verdict = '', ...shown]: readonly string[],
  told: readonly Told[],
): readonly string[] {
  const isIntact = /^LEDGER +Intact$/m.test(verdict);
  return [
    ...(isIntact ? [] : ['that it is intact']),
    ...told.flatMap(({ phase }, index) => missingIn(shown[index] ?? '', phase)),
  ];
}

/** Who approved, and that Alice tried to. */
function missingIn(text: string, phase: Told['phase']): readonly string[] {
  const [told = '', refused = ''] = text.split(/^REFUSED\b/m);
  const approvers = [BOB, CAROL].filter(
    ({ name }) => !new RegExp(`^DECISIONS .*approve by ${name}\\b`, 'm').test(told),
  );
  return [
    ...(new RegExp(`^PHASE +${phase}$`, 'm').test(told) ? [] : [`that a request is ${phase}`]),
    ...approvers.map(({ name }) => `that ${name} approved of what is ${phase}`),
    ...(refused.includes(`by ${ALICE.name}`) ? [] : [`that ${ALICE.name} was refused on what is ${phase}`]),
  ];
}
