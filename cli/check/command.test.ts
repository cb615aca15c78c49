/** `kilo-mcp check` as a user meets it: arguments in, two streams and an exit code out. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { afterAll, describe, expect, it } from 'vitest';
import {
  FIXTURE_TOKEN,
  startFixtureServer,
  type FixtureServerOptions,
} from '../../test/fixtures/mcp-server/index.ts';
import { listenHttp, listenTcp } from '../../test/harness/mcp/listening.ts';
import { runProgram } from '../index.ts';

const directory = mkdtempSync(join(tmpdir(), 'check-'));
afterAll(() => rmSync(directory, { recursive: true }));

function profile(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

/** Few checks, so that a test takes little. */
const FEW = profile(
  'few.yaml',
  `apiVersion: mcp.kilocode.ai/v1alpha1
kind: ComplianceProfile
metadata: {name: few}
spec:
  checks: [{id: MCP-P01}, {id: MCP-S08}, {id: MCP-S01}, {id: MCP-W06}]
  controls: [{framework: cis, control: "5.1", checks: [MCP-S08]}]
`,
);

async function check(url: string, ...flags: readonly string[]) {
  const written: Record<'results' | 'notes' | 'progress', string[]> = {
    results: [],
    notes: [],
    progress: [],
  };
  const code = await runProgram(['check', url, '--timeout', '1s', ...flags], {
    version: '1.2.3',
    roles: [],
    output: {
      result: (text) => void written.results.push(text),
      note: (text) => void written.notes.push(text),
      progress: (text) => void written.progress.push(text),
    },
    environment: { AUTH: `Bearer ${FIXTURE_TOKEN}` },
  });
  return {
    code,
    results: written.results.join('\n'),
    notes: written.notes.join('\n'),
    progress: written.progress,
  };
}

interface Printed {
  readonly score: number | null;
  readonly coverage: number | null;
  readonly findings: readonly Readonly<Record<string, unknown>>[];
}

const ACCEPTS_ORIGINS: FixtureServerOptions = { era: 'modern', behaviour: { origin: 'accept' } };

describe('check', () => {
  it('prints score, coverage and findings as JSON', async () => {
    await using server = await startFixtureServer({ era: 'modern' });
    const { code, results } = await check(server.url, '--output', 'json');
    const printed = JSON.parse(results) as Printed;
    expect(code).toBe(0);
    expect(Object.keys(printed)).toEqual(['score', 'coverage', 'findings']);
    expect(printed).toMatchObject({ score: 100, coverage: 100 });
    expect(printed.findings.map(({ check: id }) => id)).toContain('MCP-P01');
    for (const finding of printed.findings) {
      expect(finding).toMatchObject({
        check: expect.stringMatching(/^MCP-[PS]\d\d$/) as string,
        severity: expect.any(String) as string,
        outcome: expect.any(String) as string,
        message: expect.any(String) as string,
      });
    }
  });

  it('prints the worst first, with its fix, as a table', async () => {
    await using server = await startFixtureServer(ACCEPTS_ORIGINS);
    const { code, results, notes } = await check(server.url, '--profile', FEW);
    expect(code).toBe(4);
    expect(notes).toBe('not run, since they judge objects of a cluster: MCP-W06');
    const lines = results.split('\n');
    expect(lines.slice(0, 4)).toEqual([
      `SERVER     ${server.url}`,
      'SCORE      50 %',
      'COVERAGE   100 %',
      'OUTCOMES   1 Pass, 1 Fail, 1 NotApplicable',
    ]);
    expect(lines[5]).toMatch(/^Fail {10}high {5}MCP-S08 {2}\S/);
    expect(lines[6]).toMatch(/^ {23}fix: {5}\S/);
    expect(lines).toHaveLength(7);
  });

  it('lists everything on demand, and the controls of the profile', async () => {
    await using server = await startFixtureServer({ era: 'modern' });
    const { results } = await check(server.url, '--profile', FEW, '--all');
    expect(results).toContain('MCP-P01');
    const { results: json } = await check(server.url, '--profile', FEW, '-o', 'json');
    const origin = (JSON.parse(json) as Printed).findings.find(({ check: id }) => id === 'MCP-S08');
    expect(origin?.['controls']).toMatchObject({ cis: ['5.1'], 'nist-800-53-r5': ['SC-7', 'SC-8'] });
  });

  it('prints SARIF', async () => {
    await using server = await startFixtureServer(ACCEPTS_ORIGINS);
    const { results } = await check(server.url, '--profile', FEW, '--output', 'sarif');
    const shape = {
      type: 'object',
      required: ['version', 'runs'],
      properties: {
        version: { const: '2.1.0' },
        runs: { type: 'array', minItems: 1, items: { type: 'object', required: ['tool', 'results'] } },
      },
    };
    const log = JSON.parse(results) as { runs: { results: { ruleId: string }[] }[] };
    expect(new Ajv().validate(shape, log)).toBe(true);
    expect(log.runs[0]?.results.map(({ ruleId }) => ruleId)).toEqual(['MCP-S08']);
  });

  it('shows where it is, and takes that away', async () => {
    await using server = await startFixtureServer({ era: 'modern' });
    const { progress } = await check(server.url, '--profile', FEW);
    expect(progress).toEqual(['opening the server', '[1/3] MCP-P01', '[2/3] MCP-S08', '[3/3] MCP-S01', '']);
  });

  it.each([
    [['--fail-on', 'low'], 4],
    [['--fail-on', 'high'], 4],
    [['--fail-on', 'critical'], 0],
    [['--fail-on', 'never'], 0],
    [['--fail-on', 'never', '--min-score', '50'], 0],
    [['--fail-on', 'never', '--min-score', '51'], 4],
    [['--fail-on', 'never', '--min-coverage', '100'], 0],
  ])('ends by what the flags name: %s', async (flags, code) => {
    await using server = await startFixtureServer(ACCEPTS_ORIGINS);
    expect(await check(server.url, '--profile', FEW, ...flags)).toMatchObject({ code });
  });

  it('holds a server that lets everybody in against --auth-required', async () => {
    await using server = await startFixtureServer({ era: 'modern' });
    const { code, results } = await check(server.url, '--profile', FEW, '--auth-required');
    expect(code).toBe(4);
    expect(results).toMatch(/Fail +critical MCP-S01/);
  });

  it('takes a credential from the environment, and repeats it nowhere', async () => {
    await using server = await startFixtureServer({ era: 'modern', authorization: {} });
    const flags = ['--header-env', 'Authorization=AUTH', '--auth-required', '-o', 'json'];
    const { code, results, notes } = await check(server.url, ...flags);
    const printed = JSON.parse(results) as Printed;
    expect(code).toBe(0);
    expect(printed.findings.find(({ check: id }) => id === 'MCP-S01')).toMatchObject({ outcome: 'Pass' });
    expect(results + notes).not.toContain(FIXTURE_TOKEN);
  });

  it('judges what it can of a server whose credential it has not', async () => {
    await using server = await startFixtureServer({ era: 'modern', authorization: {} });
    const { code, results } = await check(server.url, '-o', 'json', '--profile', FEW, '--auth-required');
    const outcomes = (JSON.parse(results) as Printed).findings.map((each) => [
      each['check'],
      each['outcome'],
    ]);
    expect(Object.fromEntries(outcomes)).toMatchObject({ 'MCP-S01': 'Pass', 'MCP-P01': 'Untestable' });
    expect(code).toBe(0);
  });

  it('tells a server that is not there from one that fails', async () => {
    const nobody = await listenTcp(() => undefined);
    await nobody[Symbol.asyncDispose]();
    const { code, results } = await check(nobody.url, '--profile', FEW);
    expect(code).toBe(1);
    expect(results).toContain('The server opens in no era: nothing listens at the address and port.');
    await using page = await listenHttp((_request, response) => void response.writeHead(404).end());
    expect(await check(page.url, '--profile', FEW)).toMatchObject({ code: 4 });
  });

  it.each(['http://169.254.169.254/mcp', 'http://[fd00:ec2::254]/mcp', 'http://[::ffff:169.254.169.254]/'])(
    'does not reach %s',
    async (url) => {
      const { code, results } = await check(url, '--profile', FEW);
      expect(code).toBe(1);
      expect(results).toContain('probes may not reach the address of this server');
    },
  );

  it.each([
    ['a URL of another kind', ['ftp://x'], 'http://'],
    ['a profile that is not there', ['http://x', '--profile', '/nowhere'], '--profile: '],
    [
      'a file that is no profile',
      [
        'http://x',
        '--profile',
        profile('service.yaml', 'apiVersion: v1\nkind: Service\nmetadata: {name: a}\n'),
      ],
      'is no ComplianceProfile',
    ],
    [
      'two of them',
      ['http://x', '--profile', profile('two.yaml', 'kind: A\n---\nkind: B\n')],
      'must hold one object',
    ],
    [
      'a check that there is not',
      [
        'http://x',
        '--profile',
        profile(
          'unknown.yaml',
          'apiVersion: mcp.kilocode.ai/v1alpha1\nkind: ComplianceProfile\nmetadata: {name: a}\nspec: {checks: [{id: MCP-P99}]}\n',
        ),
      ],
      'spec.checks[0]: this version has no check MCP-P99. Checks: MCP-C01',
    ],
    ['a percentage beyond 100', ['http://x', '--min-score', '101'], 'from 0 to 100'],
  ])('%s is a mistake of usage', async (_reason, [url = '', ...flags], text) => {
    const { code, results, notes } = await check(url, ...flags);
    expect({ code, results }).toEqual({ code: 2, results: '' });
    expect(notes).toContain(text);
  });
});
