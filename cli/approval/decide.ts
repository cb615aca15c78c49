/**
 * `kilo-mcp approve|deny|cancel|override NAME`: shows what would be done, asks, and creates the ApprovalDecision as whoever the kubeconfig says.
 * Who that is, and whether they may, is for admission to say: nothing here is trusted.
 */
import { createInterface } from 'node:readline/promises';
import type { Readable } from 'node:stream';
import { Command, Option } from 'commander';
import type { ApprovalDecision, ApprovalRequest, DecisionVerb } from '../../api/index.ts';
import { DECISION_VERBS, isFinal } from '../../approval/index.ts';
import { ConfigError, TerminalError } from '../../core/errors.ts';
import type { KubernetesObject } from '../../operator/runtime/index.ts';
import { exitCode } from '../exit-codes.ts';
import {
  OUTPUT_FORMATS,
  printable,
  printableJson,
  twoColumns,
  type Output,
  type OutputFormat,
} from '../output.ts';
import {
  APPROVAL_DECISION,
  clusterFlags,
  readRequest,
  withCluster,
  type ClusterFlags,
  type ClusterSettings,
  type OpenedCluster,
} from './cluster.ts';
import { describeRequest, seenOf } from './seen.ts';

/** What the commands need from outside. */
export interface DecideSettings extends ClusterSettings {
  readonly output: Output;
  readonly input: () => Readable;
  readonly signal: AbortSignal;
  readonly done: (exitCode: number) => void;
}

interface DecideFlags extends ClusterFlags {
  readonly reason: string;
  readonly yes?: true;
  readonly output: OutputFormat;
}

const FIELD_MANAGER = 'kilo-mcp';
/** Of the kind. */
const MAX_REASON = 1_024;

const DESCRIPTIONS: Readonly<Record<DecisionVerb, string>> = {
  approve: 'Approve a request: show what would be done, ask, and record that you approve of exactly that.',
  deny: 'Deny a request, or withdraw an approval before it is executed.',
  cancel: 'Take a request back: your own, or anybody’s with the verb cancel.',
  override:
    'Lift quorum and freeze of a request, for an emergency. Separation of duties, expiry and the digest still hold.',
};

/** @returns the commands, one for each verb, with their examples. */
export function decisionCommands(
  settings: DecideSettings,
): readonly { readonly command: Command; readonly examples: readonly string[] }[] {
  return DECISION_VERBS.map((verb) => ({
    command: decisionCommand(verb, settings),
    examples: examples(verb),
  }));
}

function examples(verb: DecisionVerb): readonly string[] {
  const name = 'remediate-github-0123456789ab-1';
  return [
    `%s ${verb} ${name} -n team-a --reason "looked at it with the team"`,
    '# In a script, which has looked before:',
    `%s ${verb} ${name} -n team-a --reason "change 4711" --yes --output json`,
  ];
}

function decisionCommand(verb: DecisionVerb, settings: DecideSettings): Command {
  const command = new Command(verb)
    .description(DESCRIPTIONS[verb])
    .argument('<request>', 'name of the ApprovalRequest')
    .option('--reason <text>', 'Why, for those who come later. Policies say when it is required.', '')
    .option('-y, --yes', 'Do not ask.')
    .addOption(
      new Option('-o, --output <format>', 'Format of the result.').choices(OUTPUT_FORMATS).default('table'),
    );
  return clusterFlags(command).action(async (name: string, flags: DecideFlags) => {
    checkReason(flags.reason);
    const code = await withCluster(flags, settings, (client, namespace) =>
      decide(client, { verb, namespace, name }, flags, settings),
    );
    settings.done(code);
  });
}

function checkReason(reason: string): void {
  if (reason.length > MAX_REASON)
    throw new ConfigError(`--reason: say it in at most ${MAX_REASON} characters`);
}

interface Deciding {
  readonly verb: DecisionVerb;
  readonly namespace: string;
  readonly name: string;
}

async function decide(
  client: OpenedCluster['client'],
  { verb, ...key }: Deciding,
  flags: DecideFlags,
  { output, input, signal }: DecideSettings,
): Promise<number> {
  const request = await readRequest(client, key, signal);
  refuseIfOver(request);
  const derived = seenOf(request);
  output.note(describeRequest(request, derived));
  if (flags.yes !== true && !(await isConfirmed(verb, { output, input, signal }))) {
    output.note('nothing was decided');
    return exitCode('failure');
  }
  const decision = decisionOn(request, { verb, digest: derived.digest, reason: flags.reason });
  const options = { fieldManager: FIELD_MANAGER };
  const created = await client.create(APPROVAL_DECISION, decision, options, signal);
  output.result(flags.output === 'json' ? printableJson(created) : table(created));
  return exitCode('success');
}

/** Admission says it as well; here it is said before anybody reads a diff for nothing. */
function refuseIfOver({ metadata, status }: ApprovalRequest): void {
  const { phase = 'Pending' } = status ?? {};
  if (phase === 'Executing' || isFinal(phase))
    throw new TerminalError(`${metadata.name} is ${phase}: nothing can be decided any more`);
}

/** @returns the decision without what admission stamps: who, when, and its name. */
function decisionOn(
  { metadata }: ApprovalRequest,
  { verb, digest, reason }: { readonly verb: DecisionVerb; readonly digest: string; readonly reason: string },
): KubernetesObject & Pick<ApprovalDecision, 'spec'> {
  const { name, namespace, uid = '' } = metadata;
  return {
    apiVersion: `${APPROVAL_DECISION.group}/${APPROVAL_DECISION.version}`,
    kind: APPROVAL_DECISION.kind,
    metadata: { name: '', generateName: `${verb}-`, namespace },
    spec: { requestRef: { name, uid }, verb, digest, reason },
  };
}

/** Anything but yes is no: the end of the input too. */
async function isConfirmed(
  verb: DecisionVerb,
  { output, input, signal }: Pick<DecideSettings, 'output' | 'input' | 'signal'>,
): Promise<boolean> {
  output.note(`\nTo ${verb} exactly this, write yes:`);
  const lines = createInterface({ input: input(), signal });
  try {
    for await (const line of lines) return /^\s*(yes|y)\s*$/i.test(line);
    signal.throwIfAborted();
    return false;
  } finally {
    lines.close();
  }
}

function table({ metadata, spec }: ApprovalDecision): string {
  return printable(
    twoColumns([
      ['DECISION', metadata.name],
      ['REQUEST', spec.requestRef.name],
      ['VERB', spec.verb],
      ['AS', spec.decidedBy?.username ?? ''],
      ['DIGEST', spec.digest],
    ]),
  );
}
