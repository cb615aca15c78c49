/** Findings as SARIF 2.1.0, at their lines in the files. */
import { isAbsolute, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CHECK_RULES, POLICY_RULES } from '../../../checks/index.ts';
import { digest } from '../../../core/canonical-json.ts';
import { formatSarifLog, type SarifRule } from '../../../reports/index.ts';
import { type LintFinding, type LintResult, OWN_RULES, fullName } from '../finding.ts';
import { STANDARD_INPUT_NAME } from '../manifest/read.ts';
import { ruleName } from './text.ts';

/** Where a code-scanning service looks for relative paths: the root of the checkout. */
const ROOT = '%SRCROOT%';

/** Everything that a finding can be by, found or not, so that a rule without findings shows as kept. */
const RULES: readonly SarifRule[] = [
  ...Object.entries(OWN_RULES).map(([id, title]) => ({ id, title })),
  ...POLICY_RULES,
  ...CHECK_RULES,
];

export interface SarifSettings {
  /** Of the program. */
  readonly version: string;
  /** Directory that file names are relative to, the root of the checkout. */
  readonly directory: string;
}

/** @returns one log with one run. */
export function formatSarif({ findings }: LintResult, { version, directory }: SarifSettings): string {
  const results = findings.map((finding) => result(finding, directory));
  return formatSarifLog({ version, rules: RULES, results });
}

function result(finding: LintFinding, directory: string): object {
  const { rule, level, policy, object, path } = finding;
  return {
    ruleId: rule,
    ruleIndex: RULES.findIndex(({ id }) => id === rule),
    level,
    message: { text: message(finding) },
    locations: [location(finding, directory)],
    partialFingerprints: { 'kiloMcpFinding/v1': fingerprint(finding) },
    properties: { path, ...(policy && { policy }), ...(object && { object: fullName(object) }) },
  };
}

function message({ message: text, value, fix, ...finding }: LintFinding): string {
  const seen = value === '' ? '' : ` Seen: ${value}.`;
  return `${finding.path}: ${text} [${ruleName(finding)}]${seen} ${fix}`.replace(/^: /, '').trimEnd();
}

function location({ file, at, object }: LintFinding, directory: string): object {
  return {
    physicalLocation: {
      artifactLocation: artifact(file, directory),
      region: { startLine: at.line, startColumn: at.column },
    },
    ...(object && { logicalLocations: [{ fullyQualifiedName: fullName(object), kind: 'resource' }] }),
  };
}

/** Relative where that is possible: a service knows the files of a checkout and not where it was on some machine. */
function artifact(file: string, directory: string): object {
  if (file === STANDARD_INPUT_NAME) return { uri: 'stdin' };
  const path = relative(directory, file);
  if (isAbsolute(path) || path.startsWith('..')) return { uri: pathToFileURL(file).href };
  return { uri: path.split(sep).map(encodeURIComponent).join('/'), uriBaseId: ROOT };
}

/** The same as long as the finding is, wherever in its file it stands. */
function fingerprint({ file, object, ...finding }: LintFinding): string {
  const { path, value } = finding;
  const about = object === undefined ? file : fullName(object);
  return digest([about, ruleName(finding), path, value]).slice('sha256:'.length);
}
