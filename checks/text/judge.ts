/** From what was found in the texts of a server to a verdict: the same for every check on text. */
import { excerpt } from '../../core/excerpt.ts';
import type { Applicability, Check, Verdict } from '../engine/check.ts';
import type { CheckContext, Opened } from '../engine/context.ts';
import type { Finding } from '../finding.ts';
import { shownValue } from '../shown-value.ts';
import { type TextSource, TooMuchTextError } from './texts.ts';

/** One thing found in a text. */
export interface Hit {
  readonly source: TextSource;
  /** Index of the entry in its list. */
  readonly index: number;
  readonly path: string;
  /** A word of ours for what was found, such as `bidi-control`. */
  readonly kind: string;
  /** Whether it fails the check; otherwise it only warns. */
  readonly certain: boolean;
  /** What was found, as half a sentence of ours. */
  readonly meaning: string;
  /** The server's words, for the evidence only. */
  readonly seen: string;
}

/** What a check on text adds to the ways of all of them. */
export interface TextJudge {
  /** The lists that it reads. */
  readonly methods: readonly string[];
  /** Pure, and in the order of the texts. */
  readonly hits: (opened: Opened, parameters: Readonly<Record<string, unknown>>) => Iterable<Hit>;
  readonly messages: { readonly pass: string; readonly fail: string; readonly warn: string };
  /** What makes it right, of each finding. */
  readonly fix: string;
}

type TextCheck = Omit<Check, 'family' | 'eras' | 'cost' | 'applies' | 'run'>;

/** @returns a check that reads what was gathered and asks nothing. */
export function defineTextCheck(about: TextCheck, judge: TextJudge): Check {
  return {
    ...about,
    family: 'S',
    eras: ['legacy', 'modern'],
    cost: { requests: 0 },
    applies,
    run: (context) => verdictOf(about, judge, context),
  };
}

function applies({ opened }: CheckContext): Applicability {
  if (opened === undefined || hasText(opened)) return { applies: true };
  return { applies: false, reason: 'The server declares no tools, prompts, resources or instructions.' };
}

function hasText(opened: Opened): boolean {
  const { tools, prompts, resources, resourceTemplates, instructions, failures } = opened;
  const lists = [tools, prompts, resources, resourceTemplates, Object.keys(failures)];
  return instructions !== undefined || lists.some((list) => list.length > 0);
}

/** How many hits a verdict keeps: findings are bounded, and more of them would tell nobody more. */
const MAX_FINDINGS = 50;

function verdictOf(about: TextCheck, judge: TextJudge, { opened, parameters }: CheckContext): Verdict {
  if (opened === undefined)
    return { outcome: 'Untestable', message: 'The definitions could not be read without credentials.' };
  const hits = readHits(judge, opened, parameters);
  if (hits === 'tooMuch')
    return { outcome: 'Error', message: 'The definitions hold more text than the check reads.' };
  return hits.length === 0 ? cleanVerdict(judge, opened) : foundVerdict(about, judge, opened, hits);
}

function readHits(
  judge: TextJudge,
  opened: Opened,
  parameters: Readonly<Record<string, unknown>>,
): readonly Hit[] | 'tooMuch' {
  const certain: Hit[] = [];
  const others: Hit[] = [];
  try {
    for (const hit of judge.hits(opened, parameters)) {
      const kept = hit.certain ? certain : others;
      if (kept.length < MAX_FINDINGS) kept.push(hit);
    }
  } catch (error) {
    if (!(error instanceof TooMuchTextError)) throw error;
    // What is beyond the bound could hold anything: without a certain hit before it, nobody can tell.
    if (certain.length === 0) return 'tooMuch';
  }
  return [...certain, ...others].slice(0, MAX_FINDINGS);
}

/** A list that could not be read may hold anything. */
function cleanVerdict({ methods, messages }: TextJudge, { failures, exchanges }: Opened): Verdict {
  const unread = methods.filter((method) => failures[method] !== undefined);
  if (unread.length === 0)
    return { outcome: 'Pass', message: messages.pass, exchanges: exchanges.slice(0, 20) };
  return {
    outcome: 'Untestable',
    message: `What could be read is clean, but ${unread.join(' and ')} could not be read.`,
  };
}

function foundVerdict(about: TextCheck, judge: TextJudge, opened: Opened, hits: readonly Hit[]): Verdict {
  const failed = hits.some(({ certain }) => certain);
  return {
    outcome: failed && about.scored ? 'Fail' : 'Warn',
    message: failed && about.scored ? judge.messages.fail : judge.messages.warn,
    findings: hits.map((hit) => findingOf(about, judge, hit)),
    exchanges: opened.exchanges.slice(0, 20),
    details: { found: hits.slice(0, MAX_SHOWN).map(evidenceOf) },
  };
}

function findingOf(
  { id, severity }: TextCheck,
  { fix }: TextJudge,
  { path, kind, meaning, certain }: Hit,
): Finding {
  return {
    rule: id,
    severity,
    path,
    value: shownValue(kind),
    message: `The text ${meaning}${certain ? '' : ' (a heuristic)'}.`,
    fix,
  };
}

/** Evidence is bounded to 8 KiB, in bytes and as JSON: so many excerpts of so many characters keep below it whatever they hold. */
const MAX_SHOWN = 12;
const SHOWN_CHARACTERS = 120;

function evidenceOf({ path, kind, seen }: Hit): Readonly<Record<string, string>> {
  return { path, kind, seen: excerpt(seen, SHOWN_CHARACTERS) };
}
