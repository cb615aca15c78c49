/** Notifications about approval, wired: what waits in the outbox is delivered while this process leads, and what is over is swept away. */
import { readFileSync } from 'node:fs';
import { pause, systemClock, type Clock } from '../../core/clock.ts';
import { ConfigError, errorMessage } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import { systemRandom } from '../../core/random.ts';
import { OutboxWorker, type Outbox } from '../../stores/index.ts';
import type { Runnable } from '../runtime/index.ts';
import type { Shared } from '../shared.ts';
import { VERSION } from '../version.ts';
import { createDelivery } from './deliver.ts';
import { createNotificationMetrics, type NotificationMetrics } from './metrics.ts';
import { checkNotificationSettings, type NotificationSettings } from './settings.ts';
import { parseSigningKeys } from './signature.ts';

/** With the backoff of the outbox that is half a day; the time a message has of its own ends it as well. */
const MAX_ATTEMPTS = 60;
const SWEEP_MS = 60_000;
/** Longer than any message lives. */
const KEEP_MS = 8 * 86_400_000;
const SWEEP_LIMIT = 1_000;

/** @throws ConfigError when the settings or the secret cannot be used. */
export function notifications({ settings, history, logger, registry }: Shared): readonly Runnable[] {
  checkNotificationSettings(settings.notifications, { hasStore: history !== undefined });
  if (history === undefined) return [];
  checkSecret(settings.notifications);
  const openOutbox = () => history.outbox();
  return [
    createNotifier({
      settings: settings.notifications,
      openOutbox,
      metrics: createNotificationMetrics(registry),
      clock: systemClock,
      logger,
    }),
  ];
}

/** Said at the start, not at the first delivery. */
function checkSecret({ url, secretFile }: NotificationSettings): void {
  if (url === '') return;
  let text: string;
  try {
    text = readFileSync(secretFile, 'utf8');
  } catch (error) {
    throw new ConfigError(`notifications.secretFile: ${errorMessage(error)}`, { cause: error });
  }
  parseSigningKeys(text);
}

export interface NotifierOptions {
  readonly settings: NotificationSettings;
  /** Rejects while the store cannot be reached. */
  readonly openOutbox: () => Promise<
    Pick<Outbox, 'take' | 'delivered' | 'failed' | 'dead' | 'expire' | 'discard' | 'prune'>
  >;
  readonly metrics: NotificationMetrics;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** @returns what delivers while this process leads. Trouble is logged when it begins and when it changes. */
export function createNotifier(options: NotifierOptions): Runnable {
  const { settings, clock, logger } = options;
  const onTrouble = tellingChanges(logger);
  const worker = new OutboxWorker({
    outbox: observedOutbox(options),
    deliver: createDelivery({ settings, clock, userAgent: `mcp-operator/${VERSION}` }),
    clock,
    random: systemRandom,
    onTrouble,
    maxAttempts: MAX_ATTEMPTS,
  });
  const isTold = settings.url !== '';
  const sweep = () => sweepOutbox(options);
  return {
    run: async (stop) => {
      const delivering = isTold ? worker.run(stop) : Promise.resolve();
      while (!stop.aborted) {
        await sweep().catch(onTrouble);
        await pause(clock, SWEEP_MS, stop);
      }
      await delivering;
    },
  };
}

/** An outbox whose settlements are counted, and told where nobody else will. */
function observedOutbox({
  openOutbox,
  metrics,
  logger,
}: NotifierOptions): Pick<Outbox, 'take' | 'delivered' | 'failed' | 'dead'> {
  return {
    take: async (limit, leaseMs) => (await openOutbox()).take(limit, leaseMs),
    delivered: async (message) => {
      metrics.count('delivered');
      return (await openOutbox()).delivered(message);
    },
    failed: async (message, trouble, againInMs) => {
      metrics.count('failed');
      return (await openOutbox()).failed(message, trouble, againInMs);
    },
    dead: async (message, trouble) => {
      metrics.count('givenUp');
      logger.error('a notification is given up', { message: message.key, trouble });
      return (await openOutbox()).dead(message, trouble);
    },
  };
}

async function sweepOutbox({ settings, openOutbox, clock, metrics, logger }: NotifierOptions): Promise<void> {
  const outbox = await openOutbox();
  // Nobody is told: what waits would be old news to whoever is told later.
  if (settings.url === '') await outbox.discard(SWEEP_LIMIT);
  for (const { key } of await outbox.expire(SWEEP_LIMIT)) {
    metrics.count('expired');
    logger.error('a notification is given up', { message: key, trouble: 'Expired' });
  }
  await outbox.prune(new Date(clock.now().getTime() - KEEP_MS).toISOString(), SWEEP_LIMIT);
}

function tellingChanges(logger: Logger): (error: unknown) => void {
  let last = '';
  return (error) => {
    const message = errorMessage(error);
    if (message !== last) logger.warn('notifications wait for the store', { error: message });
    last = message;
  };
}
