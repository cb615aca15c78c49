import type { Opened } from '../engine/context.ts';
import { INJECTION_RULES } from './injection-rules.ts';
import { defineTextCheck, type Hit } from './judge.ts';
import { type ServerText, textsOf } from './texts.ts';
import { type Words, wordsOf } from './words.ts';

/**
 * @returns each rule's first match in each text of tools, prompts, templates and instructions. Resources are data that the server's
 * users make, and not part of what it declares itself to be.
 */
export function* injectionHits(opened: Opened): Generator<Hit> {
  for (const text of textsOf(opened, ['tools', 'prompts', 'resourceTemplates', 'instructions']))
    yield* injectionsOf(text);
}

function* injectionsOf({ source, index, path, role, text }: ServerText): Generator<Hit> {
  const words = wordsOf(text, role);
  for (const { id: kind, certain, meaning, phrases } of INJECTION_RULES) {
    const seen = firstMatch(words, phrases);
    if (seen !== undefined) yield { source, index, path, kind, certain, meaning, seen };
  }
}

function firstMatch(words: Words, phrases: (typeof INJECTION_RULES)[number]['phrases']): string | undefined {
  for (const find of phrases) {
    const match = find(words);
    if (match !== undefined) return words.words.slice(match.from, match.to + 1).join(' ');
  }
  return undefined;
}

/** MCP-S12. */
export const injection = defineTextCheck(
  {
    id: 'MCP-S12',
    title: 'no definition gives orders to the model behind the user’s back',
    severity: 'critical',
    scored: true,
    rationale:
      'A model reads descriptions, names of parameters and instructions as if its user had written them. A definition that orders it to drop its instructions, to hide something or to read and send secrets attacks everybody who connects the server. Phrases that honest definitions use too only warn. The rules know English.',
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
