/**
 * Judges what stands in files as a cluster with the operator would: by schema, by the rules of the kind, and, where an object has passed
 * those, by the policies and checks that admission and the background ask too.
 */
import { GROUP, VERSION, type MCPSecurityPolicy } from '../../api/index.ts';
import type { LintFinding, LintResult } from './finding.ts';
import { type KindName, fieldsOf, sort } from './kinds.ts';
import type { Manifest, ParsedFile, ParseProblem } from './manifest/parse.ts';
import { type JudgedObject, type ObjectSettings, formFinding, judgeObject } from './object.ts';
import { policyOf, policyFindings } from './policy.ts';
import { type ServerSettings, serverFindings, withNamespaces } from './server.ts';

/** How to judge. */
export type LintSettings = ObjectSettings & ServerSettings;

/**
 * @param files whose objects are judged; the policies among them judge too.
 * @param policyFiles of which only the policies count.
 */
export async function lint(
  files: ParsedFile,
  policyFiles: ParsedFile,
  settings: LintSettings,
  signal: AbortSignal,
): Promise<LintResult> {
  const sorted = sort(files.manifests);
  const allPolicies = [...sorted.policies, ...sort(policyFiles.manifests).policies];
  const policies = await judgeAll('MCPSecurityPolicy', allPolicies, settings, signal);
  const servers = await judgeAll('MCPServer', sorted.servers, settings, signal);
  const asked = policies.filter(isWellFormed).map(policyOf);
  const judge = judgeServer(asked, withNamespaces(settings, sorted.namespaces));
  const findings = [
    ...[...files.problems, ...policyFiles.problems].map(parseFinding),
    ...sorted.unknown.map(unknownKindFinding),
    ...policies.flatMap((policy) => (isWellFormed(policy) ? policyFindings(policy) : policy.findings)),
    ...servers.flatMap((server) => (isWellFormed(server) ? judge(server) : server.findings)),
  ];
  return {
    findings: findings.toSorted(byPlace),
    judged: counts([...servers, ...policies].map(({ name }) => name.kind)),
    ignored: counts(sorted.others.map(kindOf)),
  };
}

async function judgeAll(
  kind: KindName,
  manifests: readonly Manifest[],
  settings: ObjectSettings,
  signal: AbortSignal,
): Promise<readonly JudgedObject[]> {
  const judged: JudgedObject[] = [];
  for (const manifest of manifests) judged.push(await judgeObject(kind, manifest, settings, signal));
  return judged;
}

/** The API server would take it, so that admission would see it. */
function isWellFormed({ findings }: JudgedObject): boolean {
  return findings.length === 0;
}

function judgeServer(policies: readonly MCPSecurityPolicy[], settings: ServerSettings) {
  return (server: JudgedObject): readonly LintFinding[] => serverFindings(server, policies, settings);
}

function parseFinding({ file, at, message }: ParseProblem): LintFinding {
  return { level: 'error', rule: 'parse', file, at, path: '', value: '', message, fix: '' };
}

function unknownKindFinding(manifest: Manifest): LintFinding {
  const message = `is no kind of ${GROUP}/${VERSION} that this version knows: MCPServer or MCPSecurityPolicy`;
  const { name } = fieldsOf(fieldsOf(manifest.value)['metadata']);
  const object = { kind: kindOf(manifest), name: typeof name === 'string' ? name : '(no name)' };
  return formFinding('schema', { path: 'kind', message }, { manifest, name: object });
}

function kindOf({ value }: Manifest): string {
  const { kind } = fieldsOf(value);
  return typeof kind === 'string' && kind !== '' ? kind : 'no kind';
}

function counts(words: readonly string[]): Readonly<Record<string, number>> {
  const groups = Map.groupBy(words, (word) => word);
  return Object.fromEntries([...groups].map(([word, { length }]) => [word, length]));
}

function byPlace(a: LintFinding, b: LintFinding): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.at.line - b.at.line || a.at.column - b.at.column;
}
