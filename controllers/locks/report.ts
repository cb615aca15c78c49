/** Tells of locks that break, and of those that are whole again: an Event and a line of the log for each change. */
import { once } from 'node:events';
import type { Logger } from '../../core/logger.ts';
import type { EventDetails, EventRecorder, KubernetesObject } from '../../operator/runtime/index.ts';
import type { Lock } from './lock.ts';

/** Where it is told. */
export interface Listeners {
  readonly recorder: EventRecorder;
  readonly logger: Logger;
}

/** What the Events of a lock are called, and what follows while it is missing. */
const WORDS = {
  webhook: {
    missing: 'WebhookMissing',
    present: 'WebhookPresent',
    consequence: 'MCPServers are written without being judged, but for the second lock',
  },
  second: {
    missing: 'SecondLockMissing',
    present: 'SecondLockPresent',
    consequence: 'what policies forbid is refused by the webhook alone',
  },
} as const satisfies Readonly<Record<Lock['name'], object>>;

/** Reports until `stop` aborts. It begins as if all locks were whole, so that one that is missing from the start is told of. */
export async function reportLocks(
  locks: readonly Lock[],
  listeners: Listeners,
  stop: AbortSignal,
): Promise<void> {
  if (stop.aborted) return;
  const ends = locks.map((lock) => reportLock(lock, listeners));
  await once(stop, 'abort');
  for (const end of ends) end();
}

function reportLock(lock: Lock, listeners: Listeners): () => void {
  let told: string | undefined;
  const look = (): void => {
    const problem = lock.problem();
    if (problem?.text === told) return;
    told = problem?.text;
    tell(listeners, problem?.object ?? lock.object(), eventOf(lock.name, told));
  };
  look();
  return lock.onChange(look);
}

function tell({ recorder, logger }: Listeners, object: KubernetesObject, event: EventDetails): void {
  recorder.event(object, event);
  const { kind, metadata } = object;
  const level = event.type === 'Warning' ? 'warn' : 'info';
  logger[level](event.note, { reason: event.reason, kind, name: metadata.name });
}

function eventOf(name: Lock['name'], problem: string | undefined): EventDetails {
  const { missing, present, consequence } = WORDS[name];
  if (problem === undefined)
    return { type: 'Normal', reason: present, action: 'Inspect', note: 'the lock is whole again' };
  const note = `${problem}: ${consequence}. Run helm upgrade again, and find out who changed it.`;
  return { type: 'Warning', reason: missing, action: 'Inspect', note };
}
