/**
 * Findings as compilers print them: what editors and people jump from.
 */
import { printable } from '../../output.ts';
import { type LintFinding, type LintResult, LEVELS, countLevels, fullName } from '../finding.ts';

/** @returns a line a finding, with the value seen and the fix below it. */
export function formatText({ findings }: LintResult): string {
  return findings.flatMap(linesOf).map(oneLine).join('\n');
}

function linesOf({ file, at, level, message, value, fix, ...finding }: LintFinding): readonly string[] {
  const place = `${file}:${at.line}:${at.column}`;
  return [
    `${[place, level, ...subject(finding), message].join(': ')} [${ruleName(finding)}]`,
    ...(value === '' ? [] : [`    seen: ${value}`]),
    ...(fix === '' ? [] : [`    fix:  ${fix}`]),
  ];
}

/** A line break in what a file holds would begin a line that looks like one of ours. */
function oneLine(text: string): string {
  return printable(text.replaceAll('\n', String.raw`\n`));
}

function subject({ object, path }: Pick<LintFinding, 'object' | 'path'>): readonly string[] {
  return [...(object === undefined ? [] : [fullName(object)]), ...(path === '' ? [] : [path])];
}

/** The rule with its policy in front: `default/images.requireDigest`. */
export function ruleName({ rule, policy }: Pick<LintFinding, 'rule' | 'policy'>): string {
  return policy === undefined ? rule : `${policy}/${rule}`;
}

/** @returns one sentence: how much was found, in how much, and what was not looked at. */
export function formatSummary({ findings, judged, ignored }: LintResult): string {
  const counts = countLevels(findings);
  const found = LEVELS.map((level) => amount(counts[level], level)).join(', ');
  const kinds = Object.entries(judged).map(([kind, count]) => amount(count, kind));
  const objects = kinds.length === 0 ? 'no object of ours' : kinds.join(', ');
  return oneLine(`${found} in ${objects}${formatIgnored(ignored)}`);
}

function formatIgnored(ignored: LintResult['ignored']): string {
  const kinds = Object.entries(ignored);
  if (kinds.length === 0) return '';
  return `; ignored other kinds: ${kinds.map(([kind, count]) => `${kind} (${count})`).join(', ')}`;
}

function amount(count: number, noun: string): string {
  return `${count} ${count === 1 ? noun : plural(noun)}`;
}

function plural(noun: string): string {
  return noun.endsWith('y') ? `${noun.slice(0, -1)}ies` : `${noun}s`;
}
