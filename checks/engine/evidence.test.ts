import { describe, expect, it } from 'vitest';
import type { Exchange } from '../../mcp/index.ts';
import { evidenceOf } from './evidence.ts';

const FINDING = { check: 'MCP-S08', outcome: 'Fail', message: 'No.', fields: [] } as const;
const TOOL = { name: 'kilo-mcp', version: '1.2.3' };
const SERVER = { namespace: 'team-a', name: 'github', uid: 'uid-1' };

function anExchange(id: string, changes: Partial<Exchange> = {}): Exchange {
  return {
    id,
    request: {
      method: 'POST',
      url: 'http://server/mcp',
      headers: { origin: 'https://evil.example' },
      body: '{}',
    },
    response: {
      status: 200,
      headers: { 'content-type': 'application/json', date: 'today', 'mcp-session-id': 's-1' },
      body: '{"jsonrpc":"2.0"}',
      truncated: false,
      messages: [],
    },
    startedAt: '2026-01-01T00:00:00.000Z',
    durationMs: 3,
    ...changes,
  };
}

const evidence = (exchanges: readonly Exchange[], details?: unknown) =>
  evidenceOf({ tool: TOOL, server: SERVER, generation: 3, finding: FINDING, exchanges, details });

describe('evidence', () => {
  it('says who judged what, and shows what was sent and what came', () => {
    const { content, digest, mediaType } = evidence([anExchange('7')], { count: 2 });
    expect({ digest, mediaType }).toEqual({
      digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) as string,
      mediaType: 'application/json',
    });
    expect(JSON.parse(content)).toEqual({
      check: 'MCP-S08',
      outcome: 'Fail',
      message: 'No.',
      tool: TOOL,
      server: { ...SERVER, generation: 3 },
      details: { count: 2 },
      exchanges: [
        {
          id: '7',
          request: {
            method: 'POST',
            url: 'http://server/mcp',
            headers: { origin: 'https://evil.example' },
            body: '{}',
          },
          response: {
            status: 200,
            headers: { 'content-type': 'application/json', 'mcp-session-id': '[redacted]' },
            body: '{"jsonrpc":"2.0"}',
          },
        },
      ],
    });
  });

  it('is the same at another time, and another for another answer', () => {
    const first = evidence([anExchange('1')]).digest;
    expect(
      evidence([anExchange('1', { startedAt: '2027-01-01T00:00:00.000Z', durationMs: 99 })]).digest,
    ).toBe(first);
    expect(evidence([anExchange('2')]).digest).not.toBe(first);
  });

  it('holds no secret that a server sends', () => {
    const token = `ghp_${'a1B2c3D4e5F6g7H8i9J0'.repeat(2).slice(0, 36)}`;
    const response = {
      status: 500,
      headers: { 'set-cookie': 'a=b', 'www-authenticate': `Bearer ${token}` },
      body: `{"error":"bad token ${token}"}`,
      truncated: false,
      messages: [],
    };
    const { content } = evidence([anExchange('1', { response })]);
    expect(content).not.toContain(token);
    expect(content).toContain('[redacted]');
  });

  it.each([
    ['quotes, which JSON writes twice as long', '"'.repeat(100_000)],
    ['plain text', 'x'.repeat(1_000_000)],
  ])('stays within 64 KiB, and 8 KiB of excerpts: %s', (_reason, body) => {
    const response = { status: 200, headers: {}, body, truncated: false, messages: [] };
    const many = Array.from({ length: 40 }, (_, index) => anExchange(String(index), { response }));
    const { content } = evidence(many, { body });
    expect(Buffer.byteLength(content)).toBeLessThanOrEqual(64 * 1024);
    const { exchanges } = JSON.parse(content) as { exchanges: { response: { body: string } }[] };
    expect(exchanges.length).toBeGreaterThan(0);
    const excerpts = exchanges.reduce((sum, each) => sum + each.response.body.length, 0);
    expect(excerpts).toBeLessThanOrEqual(8 * 1024);
  });
});
