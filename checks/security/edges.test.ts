/** What no fixture server can be: facts that fail, the deprecated transport, more issuers than are asked, profiles that are wrong. */
import { describe, expect, it } from 'vitest';
import { startFixtureServer } from '../../test/fixtures/mcp-server/index.ts';
import type { Exchange, TLSFacts } from '../../mcp/index.ts';
import type { Check, Verdict } from '../engine/check.ts';
import type { CheckContext, Declared } from '../engine/context.ts';
import { NOBODY } from '../engine/asking.ts';
import { runCheck } from '../engine/run-check.ts';
import { openServer } from '../engine/testing/open-server.ts';
import { SECURITY_CHECKS } from './index.ts';

const signal = new AbortController().signal;

function check(id: string): Check {
  const found = SECURITY_CHECKS.find((each) => each.id === id);
  if (found === undefined) throw new Error(`there is no check ${id}`);
  return found;
}

/** A context in which nobody answers but `ask`. */
function contextOf(declared: Partial<Declared>, ask: Partial<CheckContext['ask']>): CheckContext {
  return {
    declared: {
      source: 'url',
      transport: 'StreamableHTTP',
      url: 'https://mcp.example.com/mcp',
      authRequired: false,
      exposed: true,
      issuers: [],
      hasCredential: false,
      ...declared,
    },
    openings: {},
    exchanges: new Map(),
    replicas: [],
    parameters: {},
    ask: { ...NOBODY, ...ask },
    request: () => ({ method: 'POST' }),
  };
}

describe('MCP-S11', () => {
  const run = (facts: TLSFacts, parameters: CheckContext['parameters'] = {}): Promise<Verdict> | Verdict =>
    check('MCP-S11').run({ ...contextOf({}, { tlsFacts: async () => facts }), parameters }, signal);
  const good = {
    kind: 'handshake',
    version: 'TLSv1.3',
    validTo: '2030-01-01',
    acceptsOldVersions: false,
  } as const;

  it.each([
    'Timeout',
    'ConnectionClosed',
    'ConnectionRefused',
    'NameNotResolved',
    'ForbiddenAddress',
  ] as const)('is an error and no verdict on the certificate where none was seen: %s', async (reason) => {
    expect(await run({ kind: 'failed', reason, message: 'why' })).toEqual({
      outcome: 'Error',
      message: 'The certificate could not be read: why.',
    });
  });

  it.each([
    [15, 'Pass'],
    [14, 'Fail'],
    [0, 'Fail'],
  ])('asks for more than fourteen days: %s', async (daysLeft, outcome) => {
    expect(await run({ ...good, daysLeft })).toMatchObject({ outcome });
  });

  it('refuses a profile that asks for days in words', async () => {
    await expect(run({ ...good, daysLeft: 15 }, { minimumDays: 'a fortnight' })).rejects.toThrow(
      'the parameter minimumDays must be a number',
    );
  });

  it.each<[string, Partial<Declared>, string]>([
    [
      'of a Service of the cluster that another team runs',
      { source: 'remote', url: 'http://mcp.tools.svc:8080/mcp' },
      'NotApplicable',
    ],
    [
      'of the same by its long name',
      { source: 'remote', url: 'http://mcp.tools.svc.cluster.local/mcp' },
      'NotApplicable',
    ],
    [
      'of a host that only looks like it',
      { source: 'remote', url: 'http://mcp.svc.example.com/mcp' },
      'Fail',
    ],
    ['of a host that only looks like this machine', { url: 'http://localhost.example.com/mcp' }, 'Fail'],
    ['of an address of a private network', { url: 'http://10.0.0.5/mcp' }, 'Fail'],
    ['of this machine', { url: 'http://[::1]:8080/mcp' }, 'NotApplicable'],
  ])('judges the plain address %s', async (_reason, declared, outcome) => {
    expect(await check('MCP-S11').run(contextOf(declared, {}), signal)).toMatchObject({ outcome });
  });
});

describe('MCP-S04', () => {
  it('asks two issuers and says that it did not ask the third', async () => {
    const asked: string[] = [];
    const issuers = ['https://a.example', 'https://b.example/tenant', 'https://c.example'];
    const document = (url: URL): string =>
      JSON.stringify({
        issuer: url.host === 'a.example' ? issuers[0] : issuers[1],
        code_challenge_methods_supported: ['S256'],
      });
    const fetchMetadata = async (url: URL): Promise<Exchange> => {
      asked.push(url.href);
      const isThere = url.host === 'a.example' || url.pathname.startsWith('/tenant/');
      return anExchange(url, isThere ? 200 : 404, document(url));
    };
    const context = contextOf({ issuers }, { fetchMetadata, once: (_key, ask) => ask(context.ask) });
    expect(await check('MCP-S04').run(context, signal)).toMatchObject({ outcome: 'Untestable' });
    // In the order in which MCP clients must try them.
    expect(asked.toSorted()).toEqual([
      'https://a.example/.well-known/oauth-authorization-server',
      'https://b.example/.well-known/oauth-authorization-server/tenant',
      'https://b.example/.well-known/openid-configuration/tenant',
      'https://b.example/tenant/.well-known/openid-configuration',
    ]);
  });
});

function anExchange(url: URL, status: number, body: string): Exchange {
  return {
    id: url.href,
    request: { method: 'GET', url: url.href, headers: {} },
    response: { status, headers: {}, body, truncated: false, messages: [] },
    startedAt: '2026-01-01T00:00:00.000Z',
    durationMs: 1,
  };
}

describe('a server of the deprecated transport', () => {
  it.each<[string, object, string]>([
    ['asked by somebody without credentials', {}, 'Fail'],
    ['asked by somebody with credentials', { headers: { authorization: 'Bearer some-token' } }, 'Untestable'],
  ])('is judged by what needs no requests, %s', async (_reason, options, expected) => {
    await using fixture = await startFixtureServer({ era: 'legacy', behaviour: { eventStream: 'only' } });
    const declared = { transport: 'SSE', authRequired: true } as const;
    await using server = await openServer(fixture.url, { declared, ...options });
    const outcomes: Record<string, string> = {};
    for (const each of SECURITY_CHECKS) {
      outcomes[each.id] = (await runCheck(each, server.facts, {}, signal)).outcome;
    }
    expect(outcomes).toEqual({
      'MCP-S01': expected,
      'MCP-S02': 'Untestable',
      'MCP-S03': 'Untestable',
      'MCP-S04': 'Untestable',
      'MCP-S05': 'Untestable',
      'MCP-S06': 'Untestable',
      'MCP-S07': 'NotApplicable',
      'MCP-S08': 'Untestable',
      'MCP-S09': 'Untestable',
      'MCP-S11': 'NotApplicable',
      'MCP-S14': 'NotApplicable',
      'MCP-S15': 'Untestable',
    });
  });
});
