/**
 * How well the checks on text tell honest definitions from malicious ones: over the tool lists of public servers in `tools/` and the
 * labelled definitions in `tools-malicious/`, which were written by us after published classes of attack.
 */
import { readFileSync, readdirSync } from 'node:fs';
import type { Opened } from '../../checks/engine/context.ts';
import { TEXT_HITS, type TextCheckId } from '../../checks/text/index.ts';
import type { Definition } from '../../mcp/index.ts';

/** A file of `tools/`: what one public server listed. */
interface HonestServer {
  readonly source: string;
  readonly instructions?: string;
  readonly tools: readonly Definition[];
}

/** A file of `tools-malicious/`: definitions of one class of attack. */
interface AttackClass {
  /** The class and where it was published. */
  readonly attack: string;
  /** Set for cases that were written after the rules and must never be used to change them. */
  readonly heldOut?: boolean;
  readonly cases: readonly AttackCase[];
}

interface AttackCase {
  readonly why: string;
  /** What must find it, and nothing else may count as recall. */
  readonly expected: readonly TextCheckId[];
  /** One, or several that are malicious together. */
  readonly definitions: readonly Definition[];
}

type LabelledCase = AttackCase & { readonly heldOut: boolean };

/** The figures of one check. */
export interface Quality {
  readonly check: TextCheckId;
  /** Honest tools, and those of them that the check fails or warns about. */
  readonly honest: number;
  readonly falsePositives: readonly string[];
  /** Of the false positives those that fail a server rather than warn. */
  readonly falseFailures: number;
  /** Malicious definitions of its classes, and those that it missed. */
  readonly malicious: number;
  readonly missed: readonly string[];
  /** Share of what it found that is malicious, and share of the malicious that it found; 0 to 1. */
  readonly precision: number;
  readonly recall: number;
  /** The same over the cases that the rules were not written with. */
  readonly heldOut: { readonly malicious: number; readonly found: number };
}

/** @returns the figures of every check on text. */
export function textQuality(): readonly Quality[] {
  const honest = honestServers();
  const attacks = attackCases();
  return Object.keys(TEXT_HITS).map((check) => qualityOf(check as TextCheckId, honest, attacks));
}

/** Number of public servers and of their tools. */
export function honestSize(): { readonly servers: number; readonly tools: number } {
  const honest = honestServers();
  return { servers: honest.length, tools: honest.reduce((sum, { tools }) => sum + tools.length, 0) };
}

// Boundaries: files of ours, whose form the test of the corpus would miss at once.
const honestServers = (): readonly HonestServer[] => load('tools') as readonly HonestServer[];
const attackCases = (): readonly LabelledCase[] =>
  (load('tools-malicious') as readonly AttackClass[]).flatMap(({ cases, heldOut = false }) =>
    cases.map((each) => ({ ...each, heldOut })),
  );

function load(folder: string): readonly unknown[] {
  const url = new URL(`${folder}/`, import.meta.url);
  return readdirSync(url)
    .filter((file) => file.endsWith('.json'))
    .toSorted()
    .map((file) => JSON.parse(readFileSync(new URL(file, url), 'utf8')) as unknown);
}

function qualityOf(
  check: TextCheckId,
  honest: readonly HonestServer[],
  attacks: readonly LabelledCase[],
): Quality {
  const wrong = honest.flatMap((server) => flagged(check, server));
  const own = attacks.filter(({ expected }) => expected.includes(check));
  const missed = own.filter(({ definitions }) => hitsOf(check, definitions).length === 0);
  const found = own.length - missed.length;
  const unseen = own.filter(({ heldOut }) => heldOut);
  return {
    check,
    honest: honest.reduce((sum, { tools }) => sum + tools.length, 0),
    falsePositives: wrong.map(({ name }) => name),
    falseFailures: wrong.filter(({ certain }) => certain).length,
    malicious: own.length,
    missed: missed.map(({ why, heldOut }) => (heldOut ? `held out: ${why}` : why)),
    precision: found + wrong.length === 0 ? 1 : found / (found + wrong.length),
    recall: own.length === 0 ? 1 : found / own.length,
    heldOut: { malicious: unseen.length, found: unseen.filter((each) => !missed.includes(each)).length },
  };
}

/** The honest tools that a check says something of; instructions count as one of them. */
function flagged(
  check: TextCheckId,
  { source, tools, instructions }: HonestServer,
): readonly { readonly name: string; readonly certain: boolean }[] {
  const entries = new Map<string, boolean>();
  for (const hit of hitsOf(check, tools, instructions)) {
    const name = hit.source === 'instructions' ? 'instructions' : tools[hit.index]?.name;
    const key = `${source}: ${name}`;
    entries.set(key, (entries.get(key) ?? false) || hit.certain);
  }
  return [...entries].map(([name, certain]) => ({ name, certain }));
}

function hitsOf(check: TextCheckId, tools: readonly Definition[], instructions?: string) {
  const opened: Opened = {
    era: 'modern',
    protocolVersion: '2026-07-28',
    capabilities: { tools: {} },
    ...(instructions === undefined ? {} : { instructions }),
    tools,
    prompts: [],
    resources: [],
    resourceTemplates: [],
    failures: {},
    hash: '',
    exchanges: [],
  };
  return [...TEXT_HITS[check](opened, {})];
}
