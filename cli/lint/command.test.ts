/** `kilo-mcp lint` as a user meets it: files in, findings and an exit code out. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, describe, expect, it } from 'vitest';
import { runProgram } from '../index.ts';

const directory = mkdtempSync(join(tmpdir(), 'lint-'));
afterAll(() => rmSync(directory, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

interface Options {
  readonly input?: string;
  readonly signal?: AbortSignal;
}

async function lint(argv: readonly string[], { input, signal }: Options = {}) {
  const written: Record<'results' | 'notes', string[]> = { results: [], notes: [] };
  const code = await runProgram(['lint', ...argv], {
    version: '1.2.3',
    roles: [],
    output: {
      result: (text) => void written.results.push(text),
      note: (text) => void written.notes.push(text),
    },
    ...(input !== undefined && { input: () => Readable.from([Buffer.from(input)]) }),
    ...(signal !== undefined && { signal }),
  });
  return { code, results: written.results.join('\n'), notes: written.notes.join('\n') };
}

/** Rules of the findings, in the order in which they are printed. */
async function rulesOf(argv: readonly string[], options?: Options): Promise<readonly string[]> {
  const { results } = await lint([...argv, '--output', 'json'], options);
  const { findings } = JSON.parse(results) as {
    findings: { rule: string; policy?: string; level: string }[];
  };
  return findings.map(
    ({ rule, policy, level }) => `${level} ${policy === undefined ? '' : `${policy}/`}${rule}`,
  );
}

const GROUP = 'apiVersion: mcp.kilocode.ai/v1alpha1';
const server = (name: string, more = '') =>
  `${GROUP}\nkind: MCPServer\nmetadata: {name: ${name}${more}}\nspec: {source: {image: {ref: 'ghcr.io/example/server:1'}}}\n`;
const policy = (name: string, spec: string) =>
  `${GROUP}\nkind: MCPSecurityPolicy\nmetadata: {name: ${name}}\nspec: {${spec}}\n`;

const good = file('good.yaml', server('good'));
const broken = file('broken.yaml', server('broken').replace('source', 'sources'));
const strict = file('strict.yaml', policy('strict', 'images: {requireDigest: true}'));
const warning = file('warning.yaml', policy('warning', 'enforcement: Warn, images: {requireDigest: true}'));
const audit = file('audit.yaml', policy('audit', 'enforcement: Audit, images: {requireDigest: true}'));

describe('exit codes', () => {
  it.each([
    { reason: 'nothing is wrong', argv: [good], code: 0 },
    { reason: 'nothing of ours is there', argv: [file('other.yaml', 'kind: Pod')], code: 0 },
    { reason: 'an object is wrong', argv: [broken], code: 4 },
    { reason: 'a policy is broken', argv: [good, '--policy', strict], code: 4 },
    { reason: 'a policy warns', argv: [good, '--policy', warning], code: 0 },
    {
      reason: 'a policy warns and warnings count',
      argv: [good, '--policy', warning, '--fail-on', 'warning'],
      code: 4,
    },
    { reason: 'a policy only reports', argv: [good, '--policy', audit, '--fail-on', 'warning'], code: 0 },
    { reason: 'a file is not there', argv: [join(directory, 'nowhere.yaml')], code: 2 },
    { reason: 'a policy file is not there', argv: [good, '--policy', join(directory, 'nowhere')], code: 2 },
    { reason: 'a policy file holds none', argv: [good, '--policy', broken], code: 2 },
    { reason: 'no file is named', argv: [], code: 2 },
    { reason: 'labels are written otherwise', argv: [good, '--namespace-labels', 'team-a'], code: 2 },
  ])('$code when $reason', async ({ argv, code }) => {
    expect(await lint(argv)).toMatchObject({ code });
  });

  it('130 when it is interrupted', async () => {
    expect(await lint([good], { signal: AbortSignal.abort() })).toMatchObject({ code: 130 });
  });
});

describe('what is judged', () => {
  it('prints findings, and says on standard error in how much it found them', async () => {
    const { results, notes } = await lint([broken, good]);
    expect(results.split('\n')).toEqual([
      `${broken}:4:1: error: default/MCPServer/broken: spec.source: is required: set it [schema]`,
      `${broken}:4:8: error: default/MCPServer/broken: spec.sources: is not a field of this kind: correct its name or remove it [schema]`,
    ]);
    expect(notes).toContain('2 errors, 0 warnings, 0 notes in 2 MCPServers');
    expect(notes).toContain('no MCPSecurityPolicy');
  });

  it('reads standard input', async () => {
    const ended = await lint(['-'], { input: `${server('a')}---\n${server('B')}` });
    expect(ended.code).toBe(4);
    expect(ended.results).toContain('<stdin>:8:12: error: default/MCPServer/B: metadata.name: ');
  });

  it('asks policies among the files, once each', async () => {
    expect(await rulesOf([strict, good, '--policy', strict])).toEqual(['error strict/images.requireDigest']);
  });

  it('takes of the files of --policy nothing but policies', async () => {
    const mixed = file('mixed.yaml', `${server('C')}---\n${policy('mixed', 'labels: {required: [owner]}')}`);
    expect(await rulesOf([good, '--policy', mixed])).toEqual(['error mixed/labels.required']);
  });

  it('says what is wrong with a policy', async () => {
    const bad = policy('bad', "network: {denyCIDRs: ['nowhere']}");
    expect(await rulesOf(['-'], { input: bad })).toEqual(['error policy']);
  });

  it('takes a misspelt kind of our group for a mistake', async () => {
    const input = server('a').replace('MCPServer', 'McpServer');
    expect((await lint(['-'], { input })).results).toContain('kind: is no kind of mcp.kilocode.ai/v1alpha1');
  });

  it('says no more of one object than anybody reads', async () => {
    const fields = Array.from({ length: 2_000 }, (_, index) => `f${index}: 1`).join(', ');
    const { results } = await lint(['-'], { input: server('a').replace('{source', `{${fields}, source`) });
    expect(results.split('\n')).toHaveLength(101);
    expect(results).toContain('has 1900 more errors');
  });

  it('looks past a status, which the API server drops', async () => {
    expect(await rulesOf(['-'], { input: `${server('a')}status: {replicas: many}\n` })).toEqual([]);
  });

  it('judges what it can read of a file that it cannot read in full', async () => {
    const input = `${server('Bad')}---\na: [\n`;
    const rules = await rulesOf(['-'], { input });
    expect(rules).toEqual(['error schema', 'error parse']);
  });
});

describe('namespaces', () => {
  const byLabel = file(
    'by-label.yaml',
    policy('prod', 'namespaceSelector: {matchLabels: {tier: prod}}, images: {requireDigest: true}'),
  );
  const byName = file(
    'by-name.yaml',
    policy(
      'named',
      'namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: team-a}}, images: {requireDigest: true}',
    ),
  );
  const namespace = 'apiVersion: v1\nkind: Namespace\nmetadata: {name: team-a, labels: {tier: prod}}\n---\n';
  const BROKEN_PROD = ['error prod/images.requireDigest'];

  it.each([
    { reason: 'no labels', policies: byLabel, argv: ['-n', 'team-a'], expected: [] },
    {
      reason: 'labels of a flag',
      policies: byLabel,
      argv: ['-n', 'team-a', '--namespace-labels', 'team-a=tier=prod'],
      expected: BROKEN_PROD,
    },
    {
      reason: 'labels of another namespace',
      policies: byLabel,
      argv: ['--namespace-labels', 'team-a=tier=prod'],
      expected: [],
    },
    {
      reason: 'labels of a Namespace among the files',
      policies: byLabel,
      argv: ['-n', 'team-a'],
      before: namespace,
      expected: BROKEN_PROD,
    },
    {
      reason: 'its own name',
      policies: byName,
      argv: ['-n', 'team-a'],
      expected: ['error named/images.requireDigest'],
    },
    { reason: 'the name of another', policies: byName, argv: ['-n', 'team-b'], expected: [] },
  ])('are chosen by $reason', async ({ policies, argv, before = '', expected }) => {
    const input = `${before}${server('a')}`;
    expect(await rulesOf(['-', '--policy', policies, ...argv], { input })).toEqual(expected);
  });

  it('that the object names win over that of the flag', async () => {
    const input = server('a', ', namespace: team-a');
    const { results } = await lint(['-', '-n', 'team-b', '--policy', byName], { input });
    expect(results).toContain('team-a/MCPServer/a');
  });
});
