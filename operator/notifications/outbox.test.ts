/** From a request that moves to a receiver that hears of it: the store's outbox, the notifier and HTTPS together. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { phaseMessage } from '../../approval/index.ts';
import { aRow } from '../../approval/testing/rows.ts';
import { systemClock } from '../../core/clock.ts';
import { silentLogger } from '../../core/logger.ts';
import { createAuthority, issue } from '../../hack/cluster/pki.ts';
import type { OpenStore } from '../../stores/open-store.ts';
import { inMemoryStore } from '../../stores/testing/in-memory.ts';
import { listenHttps, type Listening } from '../../test/harness/mcp/listening.ts';
import { waitFor } from '../../test/harness/wait.ts';
import { createNotifier } from './index.ts';

const directory = mkdtempSync(join(tmpdir(), 'outbox-'));
const SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;

interface Heard {
  readonly webhookId: string;
  readonly type: string;
}

let store: OpenStore;
let receiver: Listening;
const heard: Heard[] = [];
/** What the receiver answers with, one after the other; then 204. */
let answers: number[] = [];

beforeAll(async () => {
  const authority = await createAuthority('authority of the test', new Date());
  writeFileSync(join(directory, 'ca.crt'), authority.certificate);
  writeFileSync(join(directory, 'secret'), SECRET);
  const hosts = ['127.0.0.1'];
  const { certificate: cert, key } = await issue(authority, { commonName: 'receiver', hosts }, new Date());
  receiver = await listenHttps({ cert, key }, (request, response) => {
    const take = async (): Promise<void> => {
      const webhookId = String(request.headers['webhook-id']);
      heard.push({ webhookId, type: ((await json(request)) as { type: string }).type });
      response.writeHead(answers.shift() ?? 204).end();
    };
    void take();
  });
  store = await inMemoryStore(systemClock);
}, 60_000);

afterAll(async () => {
  await receiver[Symbol.asyncDispose]();
  await store.close();
  rmSync(directory, { recursive: true });
});

const FENCE = { epoch: 1, writer: 'operator' } as const;

/** Opens a request and tells of it, as the controller does. */
async function open(requestUid: string): Promise<void> {
  const { version: _version, ledgerSeq: _seq, ...row } = aRow({ requestUid });
  const event = { event: 'Opened', person: 'rita', details: {} };
  const message = phaseMessage(row, systemClock.now());
  await store.openRequest(row, event, [message], FENCE);
  // Whoever crashed in between writes again.
  await store.openRequest(row, event, [message], FENCE);
}

/** Runs the notifier while `until` is awaited. */
async function notifying(url: string, until: () => Promise<unknown>): Promise<void> {
  const stop = new AbortController();
  const settings = {
    url,
    secretFile: join(directory, 'secret'),
    caFile: join(directory, 'ca.crt'),
    source: '/test',
  };
  const openOutbox = () => Promise.resolve(store.outbox);
  const notifier = createNotifier({ settings, openOutbox, clock: systemClock, logger: silentLogger });
  const running = notifier.run(stop.signal, stop.signal, { epoch: 1, signal: stop.signal });
  try {
    await until();
  } finally {
    stop.abort();
    await running;
  }
}

const settled = async (): Promise<boolean> => (await store.outbox.depth()).pending === 0;

describe('the notifier over the outbox of a store', () => {
  it('tells of a request once, though it was opened twice', async () => {
    heard.length = 0;
    await open('uid-once');
    await notifying(receiver.origin, () => waitFor(settled, { description: 'the delivery' }));
    expect(heard.map(({ type }) => type)).toEqual(['ai.kilocode.mcp.approvalrequest.pending']);
  });

  it('tries again what a receiver in trouble did not take, under the same id', async () => {
    heard.length = 0;
    answers = [503];
    await open('uid-again');
    await notifying(receiver.origin, () => waitFor(settled, { description: 'the second delivery' }));
    expect(heard).toHaveLength(2);
    expect(new Set(heard.map(({ webhookId }) => webhookId)).size).toBe(1);
  });

  it('gives up what the receiver refuses for good', async () => {
    heard.length = 0;
    answers = [410];
    await open('uid-gone');
    const { dead } = await store.outbox.depth();
    await notifying(receiver.origin, () => waitFor(settled, { description: 'the refusal' }));
    expect(heard).toHaveLength(1);
    expect((await store.outbox.depth()).dead).toBe(dead + 1);
  });

  it('throws away what nobody is to hear', async () => {
    heard.length = 0;
    await open('uid-nobody');
    expect(await settled()).toBe(false);
    await notifying('', () => waitFor(settled, { description: 'the outbox to be empty' }));
    expect(heard).toEqual([]);
  });
});
