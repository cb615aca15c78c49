/** The command line as a user meets it: arguments in, two streams and an exit code out. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ConfigError } from '../core/errors.ts';
import { createWorldClock } from '../examples/servers/modern/world-clock.ts';
import { createAuthority, issue } from '../hack/cluster/pki.ts';
import { listen, listenHttp, listenHttps, listenTcp } from '../test/harness/mcp/listening.ts';
import { startScriptedServer } from '../test/harness/mcp/scripted.ts';
import { programName, runProgram, type ProgramSettings, type Role } from './index.ts';

const directory = mkdtempSync(join(tmpdir(), 'cli-'));
afterAll(() => rmSync(directory, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

interface Ended {
  readonly code: number;
  readonly results: string;
  readonly notes: string;
}

async function run(argv: readonly string[], settings: Partial<ProgramSettings> = {}): Promise<Ended> {
  const written: Record<'results' | 'notes', string[]> = { results: [], notes: [] };
  const code = await runProgram(argv, {
    version: '1.2.3',
    roles: [],
    output: {
      result: (text) => void written.results.push(text),
      note: (text) => void written.notes.push(text),
    },
    ...settings,
  });
  return { code, results: written.results.join('\n'), notes: written.notes.join('\n') };
}

describe('help and usage', () => {
  it.each([
    ['the help', ['--help'], 0, 'Usage: kilo-mcp'],
    ['the help of a command', ['probe', '--help'], 0, 'kilo-mcp probe https://mcp.example.com/mcp'],
    ['the help of a command, asked otherwise', ['help', 'probe'], 0, '--header-env'],
    ['the version', ['--version'], 0, '1.2.3'],
  ])('%s goes to standard output', async (_reason, argv, code, text) => {
    const ended = await run(argv);
    expect(ended).toMatchObject({ code, notes: '' });
    expect(ended.results).toContain(text);
  });

  it.each([
    ['no command', [], 'Usage'],
    ['an unknown command', ['prob'], "unknown command 'prob'"],
    ['an unknown flag', ['probe', 'http://x', '--bogus'], "unknown option '--bogus'"],
    ['a missing argument', ['probe'], "missing required argument 'url'"],
    ['one argument too many', ['probe', 'http://x', 'http://y'], 'too many arguments'],
    ['an unknown format', ['version', '-o', 'yaml'], 'Allowed choices are table, json'],
    ['an unknown transport', ['probe', 'http://x', '-t', 'stdio'], 'StreamableHTTP'],
    ['a timeout without a unit', ['probe', 'http://x', '--timeout', '10'], 'such as 10s'],
    ['no time at all', ['probe', 'http://x', '--timeout', '0s'], 'such as 10s'],
    ['a header without a colon', ['probe', 'http://x', '-H', 'Authorization'], 'Name: value'],
    ['a header variable without a name', ['probe', 'http://x', '--header-env', '=A'], 'Name=VARIABLE'],
    ['a variable that is not set', ['probe', 'http://x', '--header-env', 'A=NOPE'], 'NOPE is not set'],
    ['a file that is not there', ['probe', 'http://x', '--ca-file', '/nowhere'], '--ca-file: '],
    [
      'a header file that is not there',
      ['probe', 'http://x', '--header-file', '/nowhere'],
      '--header-file: ',
    ],
  ])('%s is a mistake of usage, told on standard error', async (_reason, argv, text) => {
    const ended = await run(argv);
    expect(ended).toMatchObject({ code: 2, results: '' });
    expect(ended.notes).toContain(text);
  });

  it('tells a broken header file by its line, not by its content', async () => {
    const path = file('headers', '# comment\n\nA: b\nBearer hunter2\n');
    const ended = await run(['probe', 'http://x', '--header-file', path]);
    expect(ended.code).toBe(2);
    expect(ended.notes).toContain(`line 4 of ${path}`);
    expect(ended.notes).not.toContain('hunter2');
  });

  it('calls itself as it was called', async () => {
    const name = programName('/usr/local/bin/kubectl-mcp');
    expect((await run(['probe', '--help'], { name })).results).toContain('Usage: kubectl mcp probe');
    expect(programName('/work/bin/kubectl-mcp.js')).toBe('kubectl mcp');
    expect(programName('/work/bin/kilo-mcp.js')).toBe('kilo-mcp');
    expect(programName(undefined)).toBe('kilo-mcp');
  });
});

describe('version', () => {
  it('prints facts for bug reports', async () => {
    const { results, code } = await run(['version', '--output', 'json']);
    expect(code).toBe(0);
    expect(JSON.parse(results)).toEqual({
      version: '1.2.3',
      node: process.versions.node,
      platform: `${process.platform}/${process.arch}`,
    });
    expect((await run(['version'])).results).toMatch(/^version {4}1\.2\.3$/m);
  });
});

describe('roles', () => {
  const role = (work: Role['run']): Role => ({
    name: 'operator',
    summary: 'Run.',
    flags: [
      { key: 'leaderElect', flag: '--leader-elect', description: 'Elect.' },
      { key: 'logLevel', flag: '--log-level', value: 'level', description: 'Log.', defaultText: 'info' },
    ],
    examples: ['%s operator'],
    run: work,
  });

  it.each([
    ['none', [], {}],
    ['a switch', ['--leader-elect'], { leaderElect: 'true' }],
    ['a switch turned off', ['--leader-elect=false'], { leaderElect: 'false' }],
    ['a value', ['--log-level', 'debug'], { logLevel: 'debug' }],
    ['a value after an equals sign', ['--log-level=debug'], { logLevel: 'debug' }],
  ])('hands over flags as text: %s', async (_reason, argv, expected) => {
    let seen: unknown;
    const ended = await run(['operator', ...argv], {
      roles: [
        role(async (flags) => {
          seen = flags;
          return 0;
        }),
      ],
    });
    expect(ended.code).toBe(0);
    expect(seen).toEqual(expected);
  });

  it.each([
    ['its own exit code', async () => 7, 7, ''],
    ['a wrong setting', () => Promise.reject(new ConfigError('logLevel: no such level')), 2, 'logLevel'],
    ['a failure', () => Promise.reject(new Error('boom')), 1, 'boom'],
  ])('ends with %s', async (_reason, work, code, notes) => {
    const ended = await run(['operator'], { roles: [role(work)] });
    expect(ended.code).toBe(code);
    expect(ended.notes).toContain(notes);
  });
});

describe('probe', () => {
  it('prints era, version, server, capabilities, counts and hash', async () => {
    await using server = await listen(createWorldClock({ allowedHosts: ['127.0.0.1'] }), 'http');
    const { results, code } = await run(['probe', server.url, '--output', 'json']);
    expect(code).toBe(0);
    expect(JSON.parse(results)).toEqual({
      outcome: 'Verified',
      transport: 'StreamableHTTP',
      era: 'modern',
      protocolVersion: '2026-07-28',
      serverInfo: { name: 'world-clock', version: '1.0.0' },
      capabilities: { tools: { listChanged: true } },
      tools: 2,
      prompts: 0,
      resources: 0,
      resourceTemplates: 0,
      hash: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) as string,
    });
    const table = await run(['probe', server.url]);
    expect(table.results).toMatch(/^ERA +modern$/m);
    expect(table.results).toMatch(/^SERVER +world-clock 1\.0\.0$/m);
    expect(table.results).toMatch(/^TOOLS +2$/m);
  });

  it('prints the definitions when asked', async () => {
    await using server = await startScriptedServer();
    const { results } = await run(['probe', server.url, '-o', 'json', '--definitions']);
    expect(JSON.parse(results)).toMatchObject({
      tools: 1,
      definitions: { tools: [{ name: 'echo', inputSchema: { type: 'object' } }], prompts: [] },
    });
    expect((await run(['probe', server.url, '--definitions'])).results).toMatch(/^tool +echo$/m);
  });

  it.each(['table', 'json'])('lets no server move the cursor: %s', async (format) => {
    const evil = '\u001b[2J\u009b\u202Eevil\u2028';
    await using server = await startScriptedServer({
      serverInfo: { name: evil, version: evil },
      capabilities: { [evil]: {}, tools: {} },
      methods: { 'tools/list': () => ({ result: { tools: [{ name: evil, description: evil }] } }) },
    });
    const { results, code } = await run(['probe', server.url, '-o', format, '--definitions']);
    expect(code).toBe(0);
    expect(results.replaceAll('\n', '')).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
    if (format === 'json') {
      const printed = JSON.parse(results) as { definitions: { tools: unknown[] } };
      expect(printed.definitions.tools[0]).toMatchObject({ name: evil, description: evil });
    }
  });

  it('ends with 1 and a reason where nothing listens', async () => {
    const server = await listenTcp(() => undefined);
    await server[Symbol.asyncDispose]();
    const { results, code } = await run(['probe', server.url, '-o', 'json']);
    expect(code).toBe(1);
    expect(JSON.parse(results)).toMatchObject({ outcome: 'Failed', reason: 'ConnectionRefused' });
    expect((await run(['probe', server.url])).results).toMatch(/^REASON +ConnectionRefused$/m);
  });

  it('ends with 3 where credentials are wanted, and with 0 once it gets them', async () => {
    await using server = await startScriptedServer({
      intercept: (request, response) => {
        if (request.headers.authorization === 'Bearer hunter2') return false;
        response.writeHead(401, { 'www-authenticate': 'Bearer' }).end();
        return true;
      },
    });
    const without = await run(['probe', server.url, '-o', 'json']);
    expect(without.code).toBe(3);
    expect(JSON.parse(without.results)).toMatchObject({ outcome: 'AuthRequired', status: 401 });
    expect((await run(['probe', server.url])).results).toContain('--header-env');

    const environment = { AUTH: 'Bearer hunter2' };
    const path = file('credentials', '# for the test\nAuthorization: Bearer hunter2\n');
    const ways: readonly (readonly string[])[] = [
      ['--header-env', 'Authorization=AUTH'],
      ['--header-file', path],
      ['--header', 'Authorization: Bearer hunter2'],
    ];
    for (const way of ways) {
      const ended = await run(['probe', server.url, ...way], { environment });
      expect(ended.code).toBe(0);
      expect(ended.results + ended.notes).not.toContain('hunter2');
    }
  });

  it('ends with 2 for a URL that cannot be asked', async () => {
    expect(await run(['probe', 'ftp://example.com'])).toMatchObject({ code: 2 });
  });

  it('trusts the given CA and dials the given address', async () => {
    const authority = await createAuthority('test', new Date());
    const host = 'mcp-github.team-a.svc';
    const { certificate: cert, key } = await issue(
      authority,
      { commonName: host, hosts: [host] },
      new Date(),
    );
    await using server = await listenHttps({ cert, key }, (_request, response) => {
      response.writeHead(403).end();
    });
    const url = `https://${host}:${server.port}/mcp`;
    const there = ['probe', url, '--connect-address', '127.0.0.1'];
    expect(await run(there)).toMatchObject({ code: 1 });
    const ca = file('ca.crt', authority.certificate);
    expect(await run([...there, '--ca-file', ca])).toMatchObject({ code: 3 });
  });

  it('ends with 130 when it is interrupted', async () => {
    const stop = new AbortController();
    await using server = await listenHttp(() => stop.abort());
    expect(await run(['probe', server.url], { signal: stop.signal })).toMatchObject({ code: 130 });
  });
});
