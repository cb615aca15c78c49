/**
 * From a request that moves to a receiver that hears of it: the store's outbox, the notifier and HTTPS together. The same tests run on PGlite and
 * against a real PostgreSQL server.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { phaseMessage } from '../../approval/index.ts';
import { aRow } from '../../approval/testing/rows.ts';
import { systemClock } from '../../core/clock.ts';
import { silentLogger } from '../../core/logger.ts';
import { createAuthority, issue } from '../../hack/cluster/pki.ts';
import { createNotifier } from '../../operator/notifications/index.ts';
import { createNotificationMetrics } from '../../operator/notifications/metrics.ts';
import type { OpenStore } from '../../stores/open-store.ts';
import { listenHttps, type Listening } from './mcp/listening.ts';
import { waitFor } from './wait.ts';

const SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
const FENCE = { epoch: 1, writer: 'operator' } as const;

interface Heard {
  readonly webhookId: string;
  readonly type: string;
}

/**
 * Declares the suite.
 * @param openStore an empty store; it is closed at the end.
 */
export function notifierContract(openStore: () => Promise<OpenStore>): void {
  const directory = mkdtempSync(join(tmpdir(), 'outbox-'));
  const heard: Heard[] = [];
  let store: OpenStore;
  let receiver: Listening;
  /** Of the notifier that ran last. */
  let metrics: Registry;
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
    store = await openStore();
  }, 60_000);
  beforeEach(() => {
    heard.length = 0;
    answers = [];
  });
  afterAll(async () => {
    await receiver[Symbol.asyncDispose]();
    await store.close();
    rmSync(directory, { recursive: true });
  });

  /** Opens a request and tells of it, as the controller does. */
  const open = async (requestUid: string, expiresAt?: string): Promise<void> => {
    const { version: _version, ledgerSeq: _seq, ...row } = aRow({ requestUid });
    const event = { event: 'Opened', person: 'rita', details: {} };
    const message = {
      ...phaseMessage(row, systemClock.now()),
      ...(expiresAt !== undefined && { expiresAt }),
    };
    await store.openRequest(row, event, [message], FENCE);
    // Whoever crashed in between writes again.
    await store.openRequest(row, event, [message], FENCE);
  };

  /** Runs the notifier while `until` is awaited. */
  const notifying = async (url: string, until: () => Promise<unknown>): Promise<void> => {
    const stop = new AbortController();
    metrics = new Registry();
    const notifier = createNotifier({
      settings: {
        url,
        secretFile: join(directory, 'secret'),
        caFile: join(directory, 'ca.crt'),
        source: '/test',
      },
      openOutbox: () => Promise.resolve(store.outbox),
      metrics: createNotificationMetrics(metrics),
      clock: systemClock,
      logger: silentLogger,
    });
    const running = notifier.run(stop.signal, stop.signal, { epoch: 1, signal: stop.signal });
    try {
      await until();
    } finally {
      stop.abort();
      await running;
    }
  };

  const settled = async (): Promise<boolean> => (await store.outbox.depth()).pending === 0;
  const counted = async (result: string, count: number): Promise<void> =>
    expect(await metrics.metrics()).toContain(`mcp_notifications_total{result="${result}"} ${count}`);

  describe('the notifier over the outbox of a store', () => {
    it('tells of a request once, though it was opened twice', async () => {
      await open('uid-once');
      await notifying(receiver.origin, () => waitFor(settled, { description: 'the delivery' }));
      expect(heard.map(({ type }) => type)).toEqual(['ai.kilocode.mcp.approvalrequest.pending']);
      await counted('delivered', 1);
    });

    it('tries again what a receiver in trouble did not take, under the same id', async () => {
      answers = [503];
      await open('uid-again');
      await notifying(receiver.origin, () => waitFor(settled, { description: 'the second delivery' }));
      expect(heard).toHaveLength(2);
      expect(new Set(heard.map(({ webhookId }) => webhookId)).size).toBe(1);
      await counted('failed', 1);
      await counted('delivered', 1);
    });

    it('tells nobody twice when a receiver that was down comes back, also to the next leader', async () => {
      for (const uid of ['uid-down-1', 'uid-down-2']) await open(uid);
      const tried = async () => (await metrics.metrics()).includes('{result="failed"} 2');
      await notifying('https://127.0.0.1:1', () => waitFor(tried, { description: 'two vain tries' }));
      expect(heard).toEqual([]);
      await notifying(receiver.origin, () => waitFor(settled, { description: 'both deliveries' }));
      expect(heard).toHaveLength(2);
      expect(new Set(heard.map(({ webhookId }) => webhookId)).size).toBe(2);
    });

    it('gives up what the receiver refuses for good', async () => {
      answers = [410];
      await open('uid-gone');
      const { dead } = await store.outbox.depth();
      await notifying(receiver.origin, () => waitFor(settled, { description: 'the refusal' }));
      expect(heard).toHaveLength(1);
      expect((await store.outbox.depth()).dead).toBe(dead + 1);
      await counted('givenUp', 1);
    });

    it('gives up what is past its time, unheard, and counts it', async () => {
      await open('uid-late', '2026-01-01T00:00:00.000Z');
      const { dead } = await store.outbox.depth();
      await notifying(receiver.origin, () => waitFor(settled, { description: 'the message to expire' }));
      expect(heard).toEqual([]);
      expect((await store.outbox.depth()).dead).toBe(dead + 1);
      await counted('expired', 1);
    });

    it('throws away what nobody is to hear', async () => {
      await open('uid-nobody');
      expect(await settled()).toBe(false);
      await notifying('', () => waitFor(settled, { description: 'the outbox to be empty' }));
      expect(heard).toEqual([]);
    });
  });
}
