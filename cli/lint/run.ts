/** One run of `lint`: reads, judges, prints. Loaded only when somebody lints. */
import type { Readable } from 'node:stream';
import { ConfigError } from '../../core/errors.ts';
import { exitCode } from '../exit-codes.ts';
import type { Output } from '../output.ts';
import { createRuleJudge } from './cel/judge.ts';
import { type Level, type LintResult, countLevels } from './finding.ts';
import type { FAIL_ON, LintFormat, NamespaceLabels } from './flags.ts';
import { KINDS, sort } from './kinds.ts';
import { type LintSettings, lint } from './lint.ts';
import { type ParsedFile, join } from './manifest/parse.ts';
import { filesOf, readManifests } from './manifest/read.ts';
import { formatFindings, formatSummary } from './report/index.ts';

/** Far more than any rule of ours takes on the largest object: a build must end, and not wait. */
const RULE_DEADLINE_MS = 10_000;

/** What the command line says. */
export interface LintFlags {
  readonly output: LintFormat;
  readonly failOn: (typeof FAIL_ON)[number];
  readonly policy?: readonly string[];
  readonly namespace: string;
  readonly namespaceLabels?: NamespaceLabels;
  readonly checks?: true;
}

export interface LintRunSettings {
  readonly version: string;
  readonly output: Output;
  /** What `-` reads. */
  readonly input: () => Readable;
}

/**
 * @returns the exit code.
 * @throws ConfigError when something that was named is not there.
 */
export async function runLint(
  paths: readonly string[],
  flags: LintFlags,
  { version, output, input }: LintRunSettings,
  signal: AbortSignal,
): Promise<number> {
  const [files, policyFiles] = await readAll(paths, flags.policy ?? [], input, signal);
  const result = await judge(files, policyFiles, flags, signal);
  const text = formatFindings(flags.output, result, { version, directory: process.cwd() });
  if (text !== '') output.result(text);
  output.note(formatSummary(result));
  if (wantsPolicies(result)) output.note(NO_POLICY);
  return exitCode(fails(result, flags.failOn) ? 'findings' : 'success');
}

const NO_POLICY = 'note: no MCPSecurityPolicy is among the files: give those of your cluster with --policy';

function wantsPolicies({ judged }: LintResult): boolean {
  return 'MCPServer' in judged && !('MCPSecurityPolicy' in judged);
}

/** A file that is judged anyway is not read again for its policies. */
async function readAll(
  paths: readonly string[],
  policyPaths: readonly string[],
  input: () => Readable,
  signal: AbortSignal,
): Promise<readonly [ParsedFile, ParsedFile]> {
  const files = await filesOf(paths);
  const policyFiles = (await filesOf(policyPaths)).filter((file) => !files.includes(file));
  const [judged, policies] = [await read(files, input, signal), await read(policyFiles, input, signal)];
  if (policyPaths.length > 0 && sort([...judged.manifests, ...policies.manifests]).policies.length === 0) {
    throw new ConfigError(`--policy: there is no MCPSecurityPolicy in ${policyPaths.join(', ')}`);
  }
  return [judged, policies];
}

async function read(
  files: readonly string[],
  input: () => Readable,
  signal: AbortSignal,
): Promise<ParsedFile> {
  const parts: ParsedFile[] = [];
  for (const file of files) parts.push(await readManifests(file, input, signal));
  return join(parts);
}

async function judge(
  files: ParsedFile,
  policyFiles: ParsedFile,
  { namespace, namespaceLabels = {}, checks }: LintFlags,
  signal: AbortSignal,
): Promise<LintResult> {
  const schemas = Object.fromEntries(Object.entries(KINDS).map(([kind, { schema }]) => [kind, schema]));
  const rules = createRuleJudge({ schemas, deadlineMs: RULE_DEADLINE_MS });
  const settings: LintSettings = { namespace, namespaceLabels, withChecks: checks === true, rules };
  try {
    return await lint(files, policyFiles, settings, signal);
  } finally {
    await rules.close();
  }
}

function fails({ findings }: LintResult, failOn: LintFlags['failOn']): boolean {
  const counts = countLevels(findings);
  const levels: readonly Level[] = failOn === 'error' ? ['error'] : ['error', 'warning'];
  return levels.some((level) => counts[level] > 0);
}
