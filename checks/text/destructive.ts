import { isRecord } from './record.ts';
import type { Definition } from '../../mcp/index.ts';
import type { Opened } from '../engine/context.ts';
import { defineTextCheck, type Hit } from './judge.ts';
import { MAX_CHARACTERS, TooMuchTextError, isPlainName } from './texts.ts';
import { wordsOf } from './words.ts';

/** What can hardly be undone. */
const DESTROYS = new Set(
  'rm rmdir unlink delete destroy drop purge wipe erase truncate shred obliterate uninstall terminate kill nuke deletes destroys drops purges wipes erases truncates terminates kills uninstalls'.split(
    ' ',
  ),
);
/** What may only take away a mark or start afresh: a contradiction to `readOnlyHint`, not to `destructiveHint: false`. */
const CHANGES = new Set(
  'remove removes overwrite overwrites revoke revokes reset resets clear clears flush cancel unpublish'.split(
    ' ',
  ),
);
/** A verb in front of these is the one that counts: `list_deleted_items`, `get_drop_down`. */
const READS = new Set(
  'get list read show describe search find query check view count preview explain validate inspect watch is can fetch lookup plan simulate estimate'.split(
    ' ',
  ),
);

/** @returns each tool whose name or first words say that it destroys, and whose annotations deny it. */
export function* destructiveHits({ tools }: Opened): Generator<Hit> {
  let left = MAX_CHARACTERS;
  for (const [index, tool] of tools.entries()) {
    left -= tool.name.length + descriptionOf(tool).length;
    if (left < 0) throw new TooMuchTextError(`tools hold more than ${MAX_CHARACTERS} characters`);
    const hit = judge(index, tool);
    if (hit !== undefined) yield hit;
  }
}

function judge(index: number, tool: Definition): Hit | undefined {
  const annotations: unknown = tool['annotations'];
  if (!isRecord(annotations)) return undefined;
  const claim = claimOf(annotations, verbsOf(tool));
  if (claim === undefined) return undefined;
  return {
    source: 'tools',
    index,
    path: `tools[${isPlainName(tool.name) ? `name=${tool.name}` : index}].annotations.${claim}`,
    kind: claim,
    certain: true,
    meaning:
      claim === 'readOnlyHint'
        ? 'says that a tool only reads, and its name says that it changes or destroys'
        : 'says that a tool destroys nothing, and its name says that it does',
    seen: tool.name,
  };
}

type Claim = 'readOnlyHint' | 'destructiveHint';

/** The claim that the verbs contradict. Without annotations a tool counts as destructive, which is no contradiction. */
function claimOf(
  annotations: Readonly<Record<string, unknown>>,
  verbs: readonly string[],
): Claim | undefined {
  const destroys = verbs.some((verb) => DESTROYS.has(verb));
  if (annotations['readOnlyHint'] === true)
    return destroys || verbs.some((verb) => CHANGES.has(verb)) ? 'readOnlyHint' : undefined;
  return destroys && annotations['destructiveHint'] === false ? 'destructiveHint' : undefined;
}

const MAX_NAME_WORDS = 16;

/** The words of the name up to a verb that reads, and the first word of the description. */
function verbsOf(tool: Definition): readonly string[] {
  const words = wordsOf(tool.name.slice(0, 256), 'name').words.slice(0, MAX_NAME_WORDS);
  const reads = words.findIndex((word) => READS.has(word));
  const [first = ''] = wordsOf(descriptionOf(tool).trimStart().slice(0, 64), 'text').words;
  return [...(reads < 0 ? words : words.slice(0, reads)), first];
}

function descriptionOf({ description }: Definition): string {
  return typeof description === 'string' ? description : '';
}

/** MCP-S17. */
export const destructive = defineTextCheck(
  {
    id: 'MCP-S17',
    title: 'no tool with a destructive verb claims to be harmless',
    severity: 'medium',
    scored: true,
    rationale:
      'Clients ask their user before a tool that may destroy and let one that only reads pass. A tool that deletes and declares `readOnlyHint: true` or `destructiveHint: false` is run without a question. Tools without annotations already count as destructive and are left alone.',
    remediation: {
      kind: 'automatic',
      text: 'Correct the annotations of the tool; until then have the gateway ask for approval before it is called.',
    },
    references: ['MCP 2026-07-28: tools, annotations', 'OWASP MCP Top 10: MCP02', 'OWASP AISVS 10.4.2'],
  },
  {
    methods: ['tools/list'],
    hits: destructiveHits,
    messages: {
      pass: 'No tool with a destructive verb claims to be harmless.',
      fail: 'A tool whose name says that it destroys claims to be harmless.',
      warn: 'A tool whose name says that it destroys claims to be harmless.',
    },
    fix: 'Set destructiveHint to true and readOnlyHint to false, or name the tool after what it does.',
  },
);
