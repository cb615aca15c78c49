/** The engine on servers that behave, break and hang, with checks that do all of that too. */
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../core/testing/fake-clock.ts';
import type { Exchange } from '../../mcp/index.ts';
import { FIXTURE_TOKEN, startFixtureServer } from '../../test/fixtures/mcp-server/index.ts';
import { listenTcp } from '../../test/harness/mcp/listening.ts';
import type { Check, Verdict } from './check.ts';
import { evaluate, type EvaluationSettings } from './evaluate.ts';
import type { ServerFacts } from './facts.ts';
import type { FindingRecord } from './record.ts';
import { aCheck, aDeclaration } from './testing/checks.ts';
import { openServer } from './testing/open-server.ts';

const TOOL = { name: 'kilo-mcp', version: '1.2.3' };
const FAIL: Verdict = { outcome: 'Fail', message: 'It does not hold.' };
const signal = (): AbortSignal => new AbortController().signal;

/** Of a server that opens in the legacy era and refuses credentials in none, without anybody to ask. */
function someFacts(facts: Partial<ServerFacts> = {}): ServerFacts {
  const opened = {
    protocolVersion: '2025-11-25',
    capabilities: {},
    tools: [],
    prompts: [],
    resources: [],
    resourceTemplates: [],
    failures: {},
    hash: '',
    exchanges: [],
  };
  return {
    server: { namespace: 'team-a', name: 'github', uid: 'uid-1' },
    declared: aDeclaration('http://server/mcp'),
    openings: {
      legacy: { kind: 'opened', opened: { ...opened, era: 'legacy' } },
      modern: { kind: 'opened', opened: { ...opened, era: 'modern' } },
    },
    replicas: [],
    ...facts,
  };
}

async function judge(
  check: Check,
  facts: ServerFacts = someFacts(),
  settings: Partial<EvaluationSettings> = {},
): Promise<FindingRecord> {
  const all = { checks: [check], profile: [{ id: check.id }], tool: TOOL, ...settings };
  const { findings } = await evaluate(facts, all, signal());
  const [finding] = findings;
  if (finding === undefined) throw new Error('there is no finding');
  return finding;
}

describe('the outcome of a check', () => {
  it('is complete, and the same each time', async () => {
    const clock = new FakeClock();
    const check = aCheck({ run: () => FAIL, references: ['RFC 1'] });
    const settings = { clock, controls: () => ({ cis: ['5.1'] }) };
    const finding = await judge(check, someFacts(), settings);
    expect(finding).toEqual({
      server: { namespace: 'team-a', name: 'github', uid: 'uid-1' },
      check: 'MCP-P99',
      title: 'something holds',
      family: 'P',
      severity: 'medium',
      scored: true,
      outcome: 'Fail',
      message: 'It does not hold.',
      fields: [],
      remediation: { kind: 'none', text: 'Do it.' },
      references: ['RFC 1'],
      controls: { cis: ['5.1'] },
      resultId: '48a464dd3a0d5dc9',
      firstSeenAt: '2026-01-01T00:00:00.000Z',
      evaluatedAt: '2026-01-01T00:00:00.000Z',
      state: 'new',
      evidence: expect.stringMatching(/^sha256:/) as string,
    });
    expect(await judge(check, someFacts(), settings)).toEqual(finding);
  });

  it.each([
    { legacy: 'Pass', modern: 'Fail', outcome: 'Fail', era: 'modern' },
    { legacy: 'Error', modern: 'Fail', outcome: 'Fail', era: 'modern' },
    { legacy: 'Error', modern: 'Warn', outcome: 'Error', era: 'legacy' },
    { legacy: 'Untestable', modern: 'Pass', outcome: 'Untestable', era: 'legacy' },
    { legacy: 'NotApplicable', modern: 'Pass', outcome: 'Pass', era: 'modern' },
    { legacy: 'Fail', modern: 'Fail', outcome: 'Fail', era: undefined },
  ] as const)('is the worst of its eras: $legacy, $modern', async ({ outcome, era, ...each }) => {
    const run: Check['run'] = (context) => ({ outcome: each[context.era ?? 'legacy'], message: 'So it is.' });
    const finding = await judge(aCheck({ run }));
    expect(finding).toMatchObject({ outcome });
    expect(finding.era).toBe(era);
    expect(finding.message).toBe(era === undefined ? 'So it is.' : `In the ${era} era: So it is.`);
  });

  it.each<[string, Partial<Check>, Partial<FindingRecord>]>([
    [
      'does not apply',
      { applies: () => ({ applies: false, reason: 'Not here.' }) },
      { outcome: 'NotApplicable', message: 'Not here.' },
    ],
    [
      'throws',
      {
        run: () => {
          throw new Error('the words of a server');
        },
      },
      { outcome: 'Error', message: 'The check broke off with an error of its own.' },
    ],
    [
      'rejects',
      { run: () => Promise.reject(new Error('the words of a server')) },
      { outcome: 'Error', message: 'The check broke off with an error of its own.' },
    ],
    [
      'breaks while it asks whether it applies',
      {
        applies: () => {
          throw new TypeError('x is undefined');
        },
      },
      { outcome: 'Error' },
    ],
    [
      'never ends',
      { run: () => new Promise<Verdict>(() => undefined) },
      { outcome: 'Error', message: 'The check did not end within its time.' },
    ],
    [
      'has nobody to ask',
      {
        cost: { requests: 1 },
        run: async ({ ask, request }) => {
          await ask.send(request('ping'));
          return FAIL;
        },
      },
      { outcome: 'Error' },
    ],
  ])('of one that %s', async (_reason, check, expected) => {
    const finding = await judge(aCheck(check), someFacts(), { checkTimeoutMs: 50 });
    expect(finding).toMatchObject(expected);
    expect(finding.message).not.toContain('words of a server');
  });

  it('is of the profile as to severity and parameters', async () => {
    const parameters = { days: { description: 'd', default: 14 }, name: { description: 'n', default: 'a' } };
    const check = aCheck({
      parameters,
      run: (context) => ({ outcome: 'Pass', message: JSON.stringify(context.parameters) }),
    });
    const profile = [{ id: check.id, severity: 'critical', parameters: { days: 30 } }] as const;
    const finding = await judge(check, someFacts(), { profile });
    expect(finding).toMatchObject({ severity: 'critical', message: '{"days":30,"name":"a"}' });
  });

  it.each([
    ['Fail', 'Waived'],
    ['Warn', 'Waived'],
    ['Error', 'Error'],
    ['Untestable', 'Untestable'],
    ['Pass', 'Pass'],
  ] as const)('%s under a waiver is %s', async (outcome, expected) => {
    const waiver = { reason: 'known', owner: 'web', expiresAt: '2027-01-01T00:00:00Z' };
    const finding = await judge(aCheck({ run: () => ({ outcome, message: 'So.' }) }), someFacts(), {
      waived: (id) => (id === 'MCP-P99' ? waiver : undefined),
    });
    expect(finding.outcome).toBe(expected);
    expect(finding.waiver).toEqual(expected === 'Waived' ? waiver : undefined);
  });

  it('is compared with the one before', async () => {
    const check = aCheck({ run: () => FAIL });
    const before = { ...(await judge(check)), firstSeenAt: '2020-01-01T00:00:00.000Z' };
    expect(await judge(check, someFacts(), { previous: [before] })).toMatchObject({
      state: 'unchanged',
      firstSeenAt: '2020-01-01T00:00:00.000Z',
    });
  });

  it('is Untestable for a check that this version does not have', async () => {
    const finding = await judge(aCheck(), someFacts(), { profile: [{ id: 'MCP-S99' }] });
    expect(finding).toMatchObject({ check: 'MCP-S99', family: 'S', outcome: 'Untestable' });
  });

  it('bounds and cleans what a check says', async () => {
    const finding = await judge(
      aCheck({ run: () => ({ outcome: 'Fail', message: `\u001b${'x'.repeat(9_000)}` }) }),
    );
    expect(finding.message).toMatch(/^x{100}/);
    expect(finding.message.length).toBeLessThanOrEqual(512);
  });

  it('ends the run when its owner does', async () => {
    const caller = new AbortController();
    const check = aCheck({
      run: () => {
        caller.abort(new Error('enough'));
        return FAIL;
      },
    });
    const settings = { checks: [check], profile: [{ id: check.id }], tool: TOOL };
    await expect(evaluate(someFacts(), settings, caller.signal)).rejects.toThrow('enough');
  });
});

describe('the prerequisites of a check', () => {
  const passes = aCheck();
  const closed = (reason: 'NotSpoken' | 'AuthRequired' | 'Failed') => {
    const opening = { kind: 'notOpened', reason, message: 'nobody answers', exchanges: [] } as const;
    return { legacy: { ...opening, era: 'legacy' }, modern: { ...opening, era: 'modern' } } as const;
  };

  it.each([
    { check: passes, openings: closed('Failed'), outcome: 'Untestable' },
    { check: passes, openings: closed('NotSpoken'), outcome: 'Untestable' },
    { check: passes, openings: closed('AuthRequired'), outcome: 'Untestable' },
    { check: passes, openings: {}, outcome: 'Untestable' },
    { check: aCheck({ withoutOpening: true }), openings: closed('AuthRequired'), outcome: 'Pass' },
    { check: aCheck({ withoutOpening: true }), openings: closed('NotSpoken'), outcome: 'Untestable' },
    { check: aCheck({ withoutOpening: 'NotSpoken' }), openings: closed('NotSpoken'), outcome: 'Pass' },
    { check: aCheck({ withoutOpening: 'NotSpoken' }), openings: closed('Failed'), outcome: 'Untestable' },
    { check: aCheck({ id: 'MCP-P01' }), openings: closed('Failed'), outcome: 'Fail' },
    { check: aCheck({ id: 'MCP-P01' }), openings: closed('AuthRequired'), outcome: 'Untestable' },
    { check: aCheck({ id: 'MCP-P01' }), openings: {}, outcome: 'Untestable' },
    { check: aCheck({ eras: [] }), openings: closed('Failed'), outcome: 'Pass' },
  ])('$check.id, $check.withoutOpening, $openings.legacy.reason: $outcome', async (row) => {
    expect(await judge(row.check, someFacts({ openings: row.openings }))).toMatchObject({
      outcome: row.outcome,
    });
  });

  it('are an era of its own', async () => {
    const { legacy } = someFacts().openings;
    const openings = { ...closed('NotSpoken'), ...(legacy && { legacy }) };
    const finding = await judge(aCheck({ eras: ['modern'] }), someFacts({ openings }));
    expect(finding).toMatchObject({ outcome: 'NotApplicable' });
    expect(await judge(passes, someFacts({ openings }))).toMatchObject({ outcome: 'Pass', era: 'legacy' });
  });

  it('are a transport that it can ask over', async () => {
    const declared = aDeclaration('http://server/sse', { transport: 'SSE' });
    const asks = aCheck({ cost: { requests: 1 } });
    expect(await judge(asks, someFacts({ declared }))).toMatchObject({ outcome: 'Untestable' });
    expect(await judge(passes, someFacts({ declared }))).toMatchObject({ outcome: 'Pass' });
  });
});

describe('what a check sends', () => {
  const sends = (count: number, change: Partial<Check> = {}): Check =>
    aCheck({
      eras: ['modern'],
      cost: { requests: 2 },
      run: async ({ ask, request }) => {
        let last: Exchange | undefined;
        for (let sent = 0; sent < count; sent++) last = await ask.send(request('tools/list'));
        return { outcome: 'Pass', message: 'Sent.', exchanges: last === undefined ? [] : [last.id] };
      },
      ...change,
    });

  it('is in its evidence, and may cost what it publishes', async () => {
    await using fixture = await startFixtureServer({ era: 'modern' });
    await using server = await openServer(fixture.url);
    const check = sends(2);
    const settings = { checks: [check], profile: [{ id: check.id }], tool: TOOL };
    const { findings, evidence } = await evaluate(server.facts, settings, signal());
    expect(findings[0]).toMatchObject({ outcome: 'Pass', evidence: evidence[0]?.digest });
    const content = JSON.parse(evidence[0]?.content ?? '') as {
      exchanges: { response: { status: number } }[];
    };
    expect(content.exchanges).toMatchObject([{ response: { status: 200 } }]);
  });

  it('is an Error when it is more, and is not sent, even if the check looks away', async () => {
    await using fixture = await startFixtureServer({ era: 'modern' });
    await using server = await openServer(fixture.url);
    const before = fixture.requests.length;
    const looksAway = sends(0, {
      run: async ({ ask, request }) => {
        for (let sent = 0; sent < 5; sent++) await ask.send(request('tools/list')).catch(() => undefined);
        return { outcome: 'Pass', message: 'Sent.' };
      },
    });
    for (const check of [sends(3), looksAway]) {
      const finding = await judge(check, server.facts);
      expect(finding).toMatchObject({
        outcome: 'Error',
        message: 'The check asks more of the server than it publishes.',
      });
    }
    expect(fixture.requests.length - before).toBe(4);
  });

  it('may look twice beyond its budget', async () => {
    await using fixture = await startFixtureServer({ era: 'modern' });
    await using server = await openServer(fixture.url);
    expect(await judge(sends(40, { cost: { requests: 40 } }), server.facts)).toMatchObject({
      outcome: 'Pass',
    });
    const twice = sends(2, { cost: { requests: 0, toConfirm: 2 } });
    expect(await judge(twice, server.facts)).toMatchObject({ outcome: 'Pass' });
    expect(await judge(sends(1), server.facts)).toMatchObject({ outcome: 'Untestable' });
  });

  it('is Untestable when the run has no more to send', async () => {
    await using fixture = await startFixtureServer({ era: 'modern' });
    await using server = await openServer(fixture.url);
    const greedy = sends(50, { cost: { requests: 100 } });
    expect(await judge(greedy, server.facts)).toMatchObject({ outcome: 'Untestable' });
    // 40 for the checks, and what opening it took.
    expect(fixture.requests.length).toBeLessThanOrEqual(40 + 6);
  });

  it('is asked once for several checks where they share it', async () => {
    await using fixture = await startFixtureServer({ era: 'dual' });
    await using server = await openServer(fixture.url);
    const before = fixture.requests.length;
    const shares = aCheck({
      run: async ({ ask, request }) => {
        const exchange = await ask.once('anonymous', (asking) => asking.send(request('ping')));
        return { outcome: 'Pass', message: `Exchange ${exchange.id}.` };
      },
    });
    await judge(shares, server.facts);
    expect(fixture.requests.length - before).toBe(1);
  });

  it('opens again under another name, and reads what the hash covers', async () => {
    await using fixture = await startFixtureServer({});
    await using server = await openServer(fixture.url);
    const opens = aCheck({
      cost: { requests: 6 },
      run: async ({ ask, opened }) => {
        const again = await ask.open({ clientName: 'somebody-else' });
        const isSame = again.kind === 'opened' && again.opened.hash === opened?.hash;
        return { outcome: isSame ? 'Pass' : 'Fail', message: 'Compared.' };
      },
    });
    expect(await judge(opens, server.facts)).toMatchObject({ outcome: 'Pass' });
    expect(fixture.requests.some(({ clientName }) => clientName === 'somebody-else')).toBe(true);
  });

  it('asks one replica, by its address and the name of the Service', async () => {
    await using fixture = await startFixtureServer({ allowedHosts: ['localhost'] });
    const replica = { name: 'pod-1', address: '127.0.0.1' };
    await using server = await openServer(fixture.url, { replicas: [replica] });
    const check = aCheck({
      eras: ['modern'],
      cost: { requests: 0, perReplica: 1 },
      run: async ({ ask, request, replicas }) => {
        const exchanges = await Promise.all(replicas.map((each) => ask.sendTo(each, request('tools/list'))));
        const isFine = exchanges.every(({ response }) => response?.status === 200);
        return { outcome: isFine ? 'Pass' : 'Fail', message: 'Asked.' };
      },
    });
    expect(await judge(check, server.facts)).toMatchObject({ outcome: 'Pass' });
  });

  it('reaches no host that was not declared', async () => {
    await using fixture = await startFixtureServer({ era: 'modern' });
    await using server = await openServer(fixture.url);
    const check = aCheck({
      cost: { requests: 1 },
      run: async ({ ask }) => {
        const { failure } = await ask.fetchMetadata(new URL('http://169.254.169.254/latest'));
        return { outcome: 'Pass', message: failure?.reason ?? 'sent' };
      },
    });
    expect(await judge(check, server.facts)).toMatchObject({ message: 'RedirectRefused' });
  });

  it('puts no credential into findings or evidence', async () => {
    await using fixture = await startFixtureServer({ authorization: {} });
    const headers = { authorization: `Bearer ${FIXTURE_TOKEN}` };
    await using server = await openServer(fixture.url, { headers });
    const check = sends(1);
    const settings = { checks: [check], profile: [{ id: check.id }], tool: TOOL };
    const result = await evaluate(server.facts, settings, signal());
    expect(result.findings[0]?.outcome).toBe('Pass');
    expect(JSON.stringify([result, [...server.facts.conversation.exchanges]])).not.toContain(FIXTURE_TOKEN);
  });

  it('ends within its time when the server hangs, and so does everything after it', async () => {
    let asked = 0;
    await using fixture = await startFixtureServer({
      era: 'modern',
      behaviour: { crash: { how: 'hang', on: () => asked++ > 20 } },
    });
    await using hanging = await listenTcp(() => undefined);
    await using unopened = await openServer(hanging.url, { options: { callTimeoutMs: 100 } });
    expect(await judge(sends(1), unopened.facts)).toMatchObject({ outcome: 'Untestable' });
    await using server = await openServer(fixture.url, { options: { callTimeoutMs: 100 } });
    asked = 100;
    const checks = [sends(2, { id: 'MCP-P97' }), sends(2, { id: 'MCP-P98' })];
    const profile = checks.map(({ id }) => ({ id }));
    const settings = { checks, profile, tool: TOOL, serverTimeoutMs: 150 };
    const { findings } = await evaluate(server.facts, settings, signal());
    expect(findings.map(({ outcome }) => outcome)).toEqual(['Pass', 'Untestable']);
  });
});
