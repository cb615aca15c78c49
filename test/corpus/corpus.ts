/**
 * The corpus: manifests that say in their first line what every judge of them must find and nothing else, the policies they are judged by, and
 * the namespaces they are in. `kilo-mcp lint`, the API server with its webhook and the evaluation in the background are held to it.
 *
 * The line is `# expect: none`, or `# expect: ` and any number of these:
 * `schema:PATH` and `cel:PATH`: the API server itself refuses the object, for this field;
 * `policy:PATH`: admission refuses the MCPSecurityPolicy, for this field;
 * `POLICY/RULE`: the server breaks this rule of that policy.
 * Where the second line is `# checks: `, it names in the same way the checks of the catalogue that the server fails.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { MCPSecurityPolicyManifest } from '../../api/index.ts';
import { type ParsedFile, parseFile } from '../../cli/lint/manifest/parse.ts';

/** Where the corpus is. */
export const CORPUS = fileURLToPath(new URL('.', import.meta.url));

/** As much of an object as everybody asks for; the rest may be wrong on purpose. */
export interface CorpusObject {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
}

/** One manifest and what must be found in it. */
export interface CorpusManifest {
  /** Such as `images-registry`. */
  readonly name: string;
  readonly file: string;
  /** Sorted; empty when nothing may be found. */
  readonly expected: readonly string[];
  /** Sorted names of checks, such as `MCP-W06`; absent where the manifest says nothing about them. */
  readonly checks?: readonly string[];
  readonly object: CorpusObject;
}

/** Everything. */
export interface Corpus {
  readonly manifests: readonly CorpusManifest[];
  /** All well-formed; all of them are to be asked about every manifest. */
  readonly policies: readonly MCPSecurityPolicyManifest[];
  readonly namespaces: readonly CorpusObject[];
}

/** Reads the corpus. Throws where a file is not as this page says. */
export function loadCorpus(): Corpus {
  return {
    manifests: filesIn('manifests').map(readManifest),
    policies: filesIn('policies').map((file) => onlyObject(file) as MCPSecurityPolicyManifest),
    namespaces: parsed(`${CORPUS}namespaces.yaml`).manifests.map(({ value }) => value as CorpusObject),
  };
}

function filesIn(folder: string): readonly string[] {
  return readdirSync(`${CORPUS}${folder}`)
    .toSorted()
    .map((name) => `${CORPUS}${folder}/${name}`);
}

function readManifest(file: string): CorpusManifest {
  const head = /^# expect: (\S.*)\n(?:# checks: (\S.*)\n)?/.exec(readFileSync(file, 'utf8'));
  const [, expected, checks] = head ?? [];
  if (expected === undefined) throw new Error(`${file} must begin with "# expect: "`);
  return {
    name: basename(file, '.yaml'),
    file,
    expected: labels(expected),
    ...(checks !== undefined && { checks: labels(checks) }),
    object: onlyObject(file) as CorpusObject,
  };
}

function labels(text: string): readonly string[] {
  return text === 'none' ? [] : text.split(' ').toSorted();
}

function onlyObject(file: string): unknown {
  const { manifests, problems } = parsed(file);
  if (manifests.length !== 1 || problems.length > 0) throw new Error(`${file} must hold one object`);
  return manifests[0]?.value;
}

function parsed(file: string): ParsedFile {
  return parseFile(file, readFileSync(file, 'utf8'));
}

/** Whether the API server itself refuses the manifest, before any webhook is asked. */
export function isRefusedByForm({ expected }: CorpusManifest): boolean {
  return expected.some((label) => /^(schema|cel):/.test(label));
}
