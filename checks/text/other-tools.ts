import type { Opened } from '../engine/context.ts';
import { fold } from './fold.ts';
import { defineTextCheck, type Hit } from './judge.ts';
import { type ServerText, isPlainName, textsOf } from './texts.ts';

/** @returns names that look alike, and texts that name a tool of another server. */
export function* otherToolHits(
  opened: Opened,
  parameters: Readonly<Record<string, unknown>>,
): Generator<Hit> {
  yield* confusableNames(opened);
  const own = new Set(opened.tools.map(({ name }) => name.toLowerCase()));
  const others = new Set(namesOf(parameters['otherTools']).filter((name) => !own.has(name)));
  for (const text of textsOf(opened, ['tools', 'prompts', 'instructions']))
    yield* otherToolsOf(text, own, others);
}

/** Parameters of a profile are text: names with commas between them. */
function namesOf(value: unknown): readonly string[] {
  if (typeof value !== 'string') return [];
  return value.split(',').map((name) => name.trim().toLowerCase());
}

/** Tools of one server whose names a person cannot tell apart. */
function* confusableNames({ tools }: Opened): Generator<Hit> {
  const seen = new Map<string, string>();
  for (const [index, { name }] of tools.entries()) {
    const skeleton = skeletonOf(name);
    const twin = seen.get(skeleton);
    if (twin === undefined) seen.set(skeleton, name);
    else if (twin !== name) yield confusable(index, name, twin);
  }
}

function confusable(index: number, name: string, twin: string): Hit {
  return {
    source: 'tools',
    index,
    path: `tools[${isPlainName(name) ? `name=${name}` : index}].name`,
    kind: 'confusable-name',
    certain: false,
    meaning: 'is a name that looks like another of the same server',
    seen: `${twin} / ${name}`,
  };
}

/** What is left of a name when everything that people overlook is taken away. */
function skeletonOf(name: string): string {
  return fold(name.replaceAll('I', 'l'))
    .replaceAll(/[_\-. ]/g, '')
    .replaceAll('0', 'o')
    .replaceAll(/[1|]/g, 'l')
    .replaceAll('rn', 'm');
}

/** A name as clients write the tools of a server: `mcp__github__create_issue`. */
const QUALIFIED = /\bmcp__[a-z0-9-]{1,64}__[a-z0-9_-]{1,64}/g;
const NAME = /[a-z0-9_.-]{3,128}/g;

function* otherToolsOf(
  text: ServerText,
  own: ReadonlySet<string>,
  others: ReadonlySet<string>,
): Generator<Hit> {
  const folded = fold(text.text);
  const named =
    firstIn(folded, QUALIFIED, (name) => !own.has(name.split('__').slice(2).join('__'))) ??
    (text.role === 'text' && others.size > 0 ? firstIn(folded, NAME, (name) => others.has(name)) : undefined);
  if (named === undefined) return;
  const { source, index, path } = text;
  const meaning = 'names a tool of another server';
  yield { source, index, path, kind: 'other-tool', certain: false, meaning, seen: named };
}

function firstIn(text: string, pattern: RegExp, counts: (name: string) => boolean): string | undefined {
  for (const [name] of text.matchAll(pattern)) if (counts(name)) return name;
  return undefined;
}

/** MCP-S16. */
export const otherTools = defineTextCheck(
  {
    id: 'MCP-S16',
    title: 'no definition names a tool of another server or wears a name that is easily mistaken',
    severity: 'info',
    scored: false,
    rationale:
      'A description can change how a model uses the tools of another server, and a name that looks like another makes a model or a person choose the wrong one. Without a catalogue of all servers this is a hint: it knows the names in `otherTools` and the form mcp__SERVER__TOOL.',
    remediation: {
      kind: 'none',
      text: 'Read the definition: it should speak of its own tools only. Ask the author to rename tools that are easily mistaken for each other.',
    },
    references: ['OWASP MCP Top 10: MCP03', 'OWASP AISVS 10.4.2'],
    parameters: {
      otherTools: {
        description:
          'Names of the tools of other servers, with commas between them, which no definition should name.',
        default: '',
      },
    },
  },
  {
    methods: ['tools/list', 'prompts/list'],
    hits: otherToolHits,
    messages: {
      pass: 'No definition names a known tool of another server, and no two names look alike.',
      fail: 'A definition names a tool of another server, or two names look alike.',
      warn: 'A definition names a tool of another server, or two names look alike.',
    },
    fix: 'Speak of the server’s own tools only, and give tools names that cannot be mistaken.',
  },
);
