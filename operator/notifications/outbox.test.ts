import { systemClock } from '../../core/clock.ts';
import { inMemoryStore } from '../../stores/testing/in-memory.ts';
import { notifierContract } from '../../test/harness/notifier-contract.ts';

notifierContract(() => inMemoryStore(systemClock));
