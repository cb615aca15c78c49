import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Check } from '../../checks/engine/check.ts';
import type { CheckContext } from '../../checks/engine/context.ts';
import { systemClock } from '../../core/clock.ts';
import { silentLogger } from '../../core/logger.ts';
import { createAddressPolicy } from '../../mcp/index.ts';
import { DEFAULT_RENDER_SETTINGS } from '../../render/index.ts';
import { createServerEvaluator, type LiveFacts } from './server-evaluator.ts';
import { aServer, aWaiver, covered, PROFILE } from './testing/objects.ts';

const TOKEN = 'Bearer s3cr3t-t0ken';
let http: Server;
let port: number;
let seen: (string | undefined)[] = [];
beforeAll(async () => {
  http = createServer((request, response) => {
    seen.push(request.headers.authorization);
    response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  ({ port } = http.address() as AddressInfo);
});
afterAll(() => new Promise((resolve) => http.close(resolve)));
afterEach(() => {
  seen = [];
});

let context: CheckContext | undefined;
/** One that fails and keeps what it saw. */
const aLooker = (id: string): Check => ({
  id,
  family: 'P',
  title: 'nothing is looked at',
  severity: 'high',
  eras: [],
  scored: true,
  cost: { requests: 0 },
  rationale: 'A test.',
  remediation: { kind: 'none', text: 'Nothing.' },
  references: [],
  applies: () => ({ applies: true }),
  run: (given) => {
    context = given;
    return { outcome: 'Fail', message: 'It never passes.' };
  },
});

const allowed = createAddressPolicy({ allowed: ['127.0.0.0/8'], refused: [] });
function evaluator(replicas: ReturnType<LiveFacts['replicas']>, data?: Record<string, string>) {
  return createServerEvaluator({
    checks: [aLooker('MCP-P01'), aLooker('MCP-S08')],
    references: {
      client: {
        get: () => Promise.resolve(data && ({ metadata: { name: 's' }, data } as never)),
      },
      operator: { namespace: 'mcp-system', name: 'mcp-operator' },
    },
    addresses: { pod: allowed, remote: allowed },
    live: { replicas: () => replicas, read: () => Promise.resolve({ drift: [] }) },
    rendering: DEFAULT_RENDER_SETTINGS,
    tool: { name: 'mcp-operator', version: '0' },
    clock: systemClock,
    logger: silentLogger,
  });
}

const { signal } = new AbortController();
const job = (spec: object) => ({
  ...covered(aServer('one', spec), { env: 'test' }),
  profile: PROFILE,
  waivers: [],
  previous: [],
});
const ownPort = () => ({ transport: { port } });
const withToken = {
  probe: { headersFrom: [{ name: 'Authorization', secretKeyRef: { name: 's', key: 'k' } }] },
};

describe('a server', () => {
  it('with pods is asked at a pod, under the name of its Service', async () => {
    const result = await evaluator([{ name: 'p1', address: '127.0.0.1' }]).evaluate(job(ownPort()), signal);
    expect(seen.length).toBeGreaterThan(0);
    expect(context?.declared).toMatchObject({
      source: 'pods',
      authRequired: false,
      exposed: false,
      issuers: [],
    });
    expect(context?.declared.url).toBe(`http://mcp-one.team-a.svc:${port}/mcp`);
    expect(context?.subject?.namespace).toEqual({ name: 'team-a', labels: { env: 'test' } });
    expect(context?.live).toEqual({ drift: [] });
    expect(result.findings.map(({ check, outcome }) => `${check} ${outcome}`)).toEqual([
      'MCP-P01 Fail',
      'MCP-S08 Fail',
    ]);
  });

  it('without a ready pod is not asked, and judged by what is known of it', async () => {
    const result = await evaluator([]).evaluate(job(ownPort()), signal);
    expect(seen).toEqual([]);
    expect(context?.openings).toEqual({});
    expect(result.findings).toHaveLength(2);
  });

  it('gets the credential of its probe, which no evidence shows', async () => {
    const data = { k: Buffer.from(TOKEN).toString('base64') };
    const replicas = [{ name: 'p1', address: '127.0.0.1' }];
    const result = await evaluator(replicas, data).evaluate(job({ ...ownPort(), ...withToken }), signal);
    expect(seen).toContain(TOKEN);
    expect(context?.declared.hasCredential).toBe(true);
    expect(JSON.stringify(result)).not.toContain('s3cr3t');
  });

  it('whose credential cannot be read is not asked without it', async () => {
    const replicas = [{ name: 'p1', address: '127.0.0.1' }];
    await evaluator(replicas).evaluate(job({ ...ownPort(), ...withToken }), signal);
    expect(seen).toEqual([]);
  });

  it('says what its owner declares', async () => {
    const auth = {
      required: true,
      audience: 'https://mcp.example.com',
      issuers: ['https://login.example.com'],
    };
    const network = { ingress: [{}] };
    await evaluator([]).evaluate(job({ ...ownPort(), auth, network }), signal);
    expect(context?.declared).toMatchObject({
      authRequired: true,
      audience: 'https://mcp.example.com',
      issuers: ['https://login.example.com'],
      exposed: true,
    });
  });

  it('elsewhere is asked at its own address, and counts as exposed', async () => {
    const remote = job({ source: { remote: { url: `http://127.0.0.1:${port}/mcp` } } });
    const server = { ...remote.server, spec: { ...remote.server.spec } };
    const { image: _, ...source } = server.spec.source;
    await evaluator([]).evaluate(
      { ...remote, server: { ...server, spec: { ...server.spec, source } } },
      signal,
    );
    expect(seen.length).toBeGreaterThan(0);
    expect(context?.declared).toMatchObject({ source: 'remote', exposed: true });
  });

  it('has the failures waived that a waiver covers', async () => {
    const result = await evaluator([]).evaluate({ ...job(ownPort()), waivers: [aWaiver()] }, signal);
    expect(result.findings.map(({ check, outcome, waiver }) => [check, outcome, waiver?.owner])).toEqual([
      ['MCP-P01', 'Fail', undefined],
      ['MCP-S08', 'Waived', 'platform'],
    ]);
  });

  it('is asked one at a time by its host', () => {
    expect(evaluator([]).hostOf(covered(aServer('one')))).toBe('mcp-one.team-a.svc:8080');
  });
});
