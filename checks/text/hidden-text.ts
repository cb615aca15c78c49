import type { Opened } from '../engine/context.ts';
import { HIDDEN_KINDS, hiddenIn } from './hidden.ts';
import { defineTextCheck, type Hit } from './judge.ts';
import { type ServerText, textsOf } from './texts.ts';

/** @returns each kind of hidden text once for each text of any definition, names and keys included. */
export function* hiddenTextHits(opened: Opened): Generator<Hit> {
  for (const { source, index, path, text } of textsOf(opened)) {
    for (const { kind, seen } of hiddenIn(text)) {
      if (kind === 'base64' && isPicture({ path, text })) continue;
      yield { source, index, path, kind, certain: true, meaning: HIDDEN_KINDS[kind], seen };
    }
  }
}

/** Icons of definitions may be data URLs of pictures; a client shows them, a model does not read them. */
function isPicture({ path, text }: Pick<ServerText, 'path' | 'text'>): boolean {
  return /\.icons\[\d{1,4}\]\.src$/.test(path) && text.startsWith('data:image/');
}

/** MCP-S13. */
export const hiddenText = defineTextCheck(
  {
    id: 'MCP-S13',
    title: 'no definition hides text from the people who review it',
    severity: 'high',
    scored: true,
    rationale:
      'A review is worth what the reviewer sees. Tag characters, direction controls, runs without width, terminal escapes, HTML comments and base64 reach the model and not the reader, and no definition needs them; joiners that scripts and emoji need are left alone.',
    remediation: {
      kind: 'quarantine',
      text: 'Look at the decoded text in the evidence, quarantine the server when it gives orders, and ask its author to publish definitions in plain text.',
    },
    references: [
      'OWASP MCP Top 10: MCP03',
      'OWASP AISVS 10.4.2',
      'Unicode Technical Report 36',
      'CVE-2021-42574',
    ],
  },
  {
    methods: ['tools/list', 'prompts/list', 'resources/list', 'resources/templates/list'],
    hits: hiddenTextHits,
    messages: {
      pass: 'Every character of the definitions can be seen.',
      fail: 'A definition holds text that a reader does not see.',
      warn: 'A definition holds text that a reader does not see.',
    },
    fix: 'Write the definition in visible, plain text.',
  },
);
