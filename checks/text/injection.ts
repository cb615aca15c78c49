import type { Opened } from '../engine/context.ts';
import { INJECTION_RULES } from './injection-rules.ts';
import { defineTextCheck, type Hit } from './judge.ts';
import { phraseFinder } from './phrase.ts';
import { type ServerText, textsOf } from './texts.ts';
import { wordsOf } from './words.ts';

/**
 * @returns one match of each rule in each text of tools, prompts, templates and instructions. Resources are data that the server's
 * users make, and not part of what it declares itself to be.
 */
export function* injectionHits(opened: Opened): Generator<Hit> {
  for (const text of textsOf(opened, ['tools', 'prompts', 'resourceTemplates', 'instructions']))
    yield* injectionsOf(text);
}

/** Every phrase with the rule that it belongs to, looked for together. */
const PHRASES = INJECTION_RULES.flatMap((rule) => rule.phrases.map((phrase) => ({ rule, phrase })));
const findPhrases = phraseFinder(PHRASES.map(({ phrase }) => phrase));

function* injectionsOf({ source, index, path, role, text }: ServerText): Generator<Hit> {
  const words = wordsOf(text, role);
  const named = new Set<string>();
  for (const [at, { from, to }] of findPhrases(words)) {
    const rule = PHRASES[at]?.rule;
    if (rule === undefined || named.has(rule.id)) continue;
    named.add(rule.id);
    const seen = words.words.slice(from, Math.min(to, from + MAX_SEEN) + 1).join(' ');
    yield { source, index, path, kind: rule.id, certain: rule.certain, meaning: rule.meaning, seen };
  }
}

/** Words of a match that evidence shows; a phrase over long gaps has hardly more. */
const MAX_SEEN = 60;

/** MCP-S12. */
export const injection = defineTextCheck(
  {
    id: 'MCP-S12',
    title: 'no definition gives orders to the model behind the user’s back',
    severity: 'critical',
    scored: true,
    rationale:
      'A model reads descriptions, names of parameters and instructions as if its user had written them. A definition that orders it to drop its instructions, to hide something or to read and send secrets attacks everybody who connects the server. Phrases that honest definitions use too only warn. The rules know wordings in English that attacks were published with, and miss many paraphrases: a pass is no proof.',
    remediation: {
      kind: 'approval',
      text: 'Read the definition. Quarantine the server if the text was not there before (MCP-S14) or differs between clients (MCP-S15); otherwise ask its author to take the text out, or accept it after review.',
    },
    references: [
      'OWASP MCP Top 10: MCP03',
      'OWASP AISVS 10.4.2',
      'MCP 2026-07-28: tools, security considerations',
    ],
  },
  {
    methods: ['tools/list', 'prompts/list', 'resources/templates/list'],
    hits: injectionHits,
    messages: {
      pass: 'No definition holds a phrase of a known injection.',
      fail: 'A definition orders the model to act against its user.',
      warn: 'A definition holds a phrase that attacks use and honest definitions sometimes too.',
    },
    fix: 'Take the order to the model out of the text, and say what the tool does instead.',
  },
);
