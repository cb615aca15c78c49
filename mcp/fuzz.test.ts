/** Whatever a server says, a probe ends with a name for it, and that name is never "the probe itself failed". */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listenHttp, type Listening } from '../test/harness/mcp/listening.ts';
import { probe, type ProbeOutcome } from './index.ts';

interface Reply {
  readonly status: number;
  readonly type: string;
  readonly body: string | Uint8Array;
}

let reply: (message: { id?: unknown; method?: string }) => Reply;
let server: Listening;
beforeAll(async () => {
  server = await listenHttp((request, response) => {
    let text = '';
    request.on('data', (chunk) => (text += String(chunk)));
    request.on('end', () => {
      const { status, type, body } = reply(text === '' ? {} : (JSON.parse(text) as { id?: unknown }));
      response.writeHead(status, { 'content-type': type }).end(body);
    });
  });
});
afterAll(() => server[Symbol.asyncDispose]());

const ask = (): Promise<ProbeOutcome> =>
  probe({ url: server.url, transport: 'StreamableHTTP' }, { timeoutMs: 2_000 });

function expectNamed(outcome: ProbeOutcome): void {
  if (outcome.kind === 'failed') expect(outcome.reason).not.toBe('Internal');
}

const framed = (type: string, value: unknown): string =>
  type === 'text/event-stream' ? `data: ${JSON.stringify(value)}\n\n` : JSON.stringify(value);

const TYPES = ['application/json', 'text/event-stream'] as const;
const METHODS = ['server/discover', 'initialize', 'tools/list', 'prompts/list', 'resources/list'] as const;

const GOOD: Readonly<Record<string, unknown>> = {
  initialize: {
    protocolVersion: '2025-11-25',
    serverInfo: { name: 'fuzz', version: '1' },
    capabilities: { tools: {}, prompts: {}, resources: {} },
  },
  'tools/list': { tools: [{ name: 'a', inputSchema: { type: 'object' } }] },
  'prompts/list': { prompts: [] },
  'resources/list': { resources: [] },
  'resources/templates/list': { resourceTemplates: [] },
};

describe('a probe ends with a name', () => {
  it('for any bytes, status and media type', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 200 }),
        fc.constantFrom(200, 201, 204, 400, 404, 405, 406, 409, 415, 429, 500, 503),
        fc.constantFrom(...TYPES, 'text/plain', 'application/json; charset=utf-8'),
        async (body, status, type) => {
          reply = () => ({ status, type, body: status === 204 ? '' : body });
          expectNamed(await ask());
        },
      ),
      { numRuns: 150 },
    );
  });

  it('for any JSON in the place of one result', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...METHODS),
        fc.constantFrom('result', 'error', 'message'),
        fc.jsonValue({ maxDepth: 4 }),
        fc.constantFrom(...TYPES),
        async (broken, place, value, type) => {
          reply = ({ id, method = '' }) => {
            if (id === undefined) return { status: 202, type, body: '' };
            const rest = { jsonrpc: '2.0', id };
            const good =
              method in GOOD
                ? { ...rest, result: GOOD[method] }
                : { ...rest, error: { code: -32601, message: 'Method not found' } };
            const message = place === 'message' ? value : { ...rest, [place]: value };
            return { status: 200, type, body: framed(type, method === broken ? message : good) };
          };
          expectNamed(await ask());
        },
      ),
      { numRuns: 200 },
    );
  });
});
