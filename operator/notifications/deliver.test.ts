/** Deliveries to a receiver over real TLS. */
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingHttpHeaders, RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FakeClock } from '../../core/testing/fake-clock.ts';
import { createAuthority, issue, type KeyPair } from '../../hack/cluster/pki.ts';
import type { LeasedMessage } from '../../stores/index.ts';
import { listenHttps } from '../../test/harness/mcp/listening.ts';
import { createDelivery } from './deliver.ts';

const directory = mkdtempSync(join(tmpdir(), 'notifications-'));
afterAll(() => rmSync(directory, { recursive: true }));

function file(name: string, content: string): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

let authority: KeyPair;
let certificate: KeyPair;
beforeAll(async () => {
  authority = await createAuthority('authority of the test', new Date());
  certificate = await issue(authority, { commonName: 'receiver', hosts: ['127.0.0.1'] }, new Date());
});

const KEY = Buffer.alloc(32, 1);
const SECRET = `whsec_${KEY.toString('base64')}`;

function aMessage(changes: Partial<LeasedMessage> = {}): LeasedMessage {
  return {
    id: 1,
    topic: 'approval',
    key: 'uid-of-request/Pending',
    payload: {
      request: { namespace: 'team-a', name: 'remediate-github', uid: 'uid-of-request' },
      phase: 'Pending',
      summary: 'Two of them.',
      at: '2026-11-26T10:00:00.000Z',
    },
    expiresAt: '2026-12-03T10:00:00.000Z',
    attempts: 1,
    lease: 'lease',
    ...changes,
  };
}

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Attempt {
  readonly answer?: RequestListener;
  readonly message?: Partial<LeasedMessage>;
  readonly ca?: string;
  readonly secret?: string;
  readonly host?: string;
  readonly signal?: AbortSignal;
}

async function attempt({
  answer,
  message,
  ca,
  secret,
  host = '127.0.0.1',
  signal,
}: Attempt): Promise<readonly Received[]> {
  const received: Received[] = [];
  const { certificate: cert, key } = certificate;
  await using server = await listenHttps({ cert, key }, (request, response) => {
    const take = async (): Promise<void> => {
      received.push({ headers: request.headers, body: await text(request) });
      if (answer === undefined) response.writeHead(204).end();
      else answer(request, response);
    };
    void take();
  });
  const settings = {
    url: `https://${host}:${server.port}/hook?token=hunter2`,
    secretFile: file('secret', secret ?? `${SECRET}\n`),
    caFile: file('ca.crt', ca ?? authority.certificate),
    source: '/clusters/prod',
  };
  const deliver = createDelivery({ settings, clock: new FakeClock(), userAgent: 'mcp-operator/1' });
  await deliver(aMessage(message), signal ?? new AbortController().signal);
  return received;
}

const status =
  (code: number, headers: Readonly<Record<string, string>> = {}): RequestListener =>
  (_request, response) =>
    void response.writeHead(code, headers).end('hunter2');

describe('a delivery', () => {
  it('is a CloudEvent in structured mode, whose signature the receiver can check', async () => {
    const [only, ...more] = await attempt({});
    expect(more).toEqual([]);
    const { headers, body } = only ?? expect.fail('nothing came');
    expect(JSON.parse(body)).toEqual({
      specversion: '1.0',
      id: 'uid-of-request/Pending',
      source: '/clusters/prod',
      type: 'ai.kilocode.mcp.approvalrequest.pending',
      subject: 'team-a/remediate-github',
      time: '2026-11-26T10:00:00.000Z',
      datacontenttype: 'application/json',
      data: aMessage().payload,
    });
    expect(headers['content-type']).toBe('application/cloudevents+json; charset=utf-8');
    const content = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
    const signature = createHmac('sha256', KEY).update(content).digest('base64');
    expect(headers['webhook-signature']).toBe(`v1,${signature}`);
  });

  it('has the same id when it is repeated, and another for another phase', async () => {
    const idOf = async (key: string) => (await attempt({ message: { key } }))[0]?.headers['webhook-id'];
    const first = await idOf('uid/Pending');
    expect(first).toMatch(/^msg_[0-9a-f]{32}$/);
    expect(await idOf('uid/Pending')).toBe(first);
    expect(await idOf('uid/Approved')).not.toBe(first);
  });

  it.each<[string, Attempt, string]>([
    ['a receiver in trouble', { answer: status(503) }, 'TransientError'],
    ['a receiver that does not know the secret yet', { answer: status(401) }, 'TransientError'],
    [
      'a redirect, which is not followed',
      { answer: status(307, { location: '/elsewhere' }) },
      'TransientError',
    ],
    ['a receiver that is gone', { answer: status(410) }, 'TerminalError'],
    ['a receiver that cannot read it', { answer: status(400) }, 'TerminalError'],
    ['a message of a kind that nobody knows', { message: { topic: 'other' } }, 'TerminalError'],
    ['a message without a request', { message: { payload: { phase: 'Pending' } } }, 'TerminalError'],
    [
      'an event that is too long',
      { message: { payload: { ...(aMessage().payload as object), summary: 'x'.repeat(65_536) } } },
      'TerminalError',
    ],
    ['a file without a secret', { secret: 'hunter2' }, 'ConfigError'],
  ])('fails at %s', async (_reason, given, name) => {
    const error: unknown = await attempt(given).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name });
    expect(String(error)).not.toContain('hunter2');
  });

  it('is made to nobody whose certificate is of another authority', async () => {
    const stranger = await createAuthority('another authority', new Date());
    await expect(attempt({ ca: stranger.certificate })).rejects.toMatchObject({
      code: expect.stringMatching(/UNABLE_TO_VERIFY|SELF_SIGNED|SIGNATURE/) as string,
    });
  });

  it('is made to nobody whose certificate is for another host', async () => {
    await expect(attempt({ host: 'localhost' })).rejects.toMatchObject({
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    });
  });

  it('ends when it is told to, though the receiver never answers', async () => {
    const over = new AbortController();
    const silent: RequestListener = () => over.abort(new Error('the deadline passed'));
    await expect(attempt({ answer: silent, signal: over.signal })).rejects.toThrow('the deadline passed');
  });
});
