/**
 * What comes in between, on a real API server and a real PostgreSQL: the executor is killed at each of its calls, somebody denies in the same moment,
 * the database goes away in each phase. What was approved is done exactly once, or not at all.
 */
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import type { MCPServer } from '../../api/index.ts';
import { ApprovalConflictError, isFinal, type ApprovalRow, type Plan } from '../../approval/index.ts';
import { MCPSERVER } from '../../controllers/mcpserver/kinds.ts';
import { systemClock } from '../../core/clock.ts';
import { silentLogger, type Logger } from '../../core/logger.ts';
import { ExecutorPlace, reasonOf } from '../harness/executor-place.ts';
import { approved, count, decide, say, type Asked } from '../harness/executor.ts';
import { Mortal, type Death } from '../harness/mortal-executor.ts';
import { waitFor } from '../harness/wait.ts';

const ASKED: Asked = { check: 'MCP-W06' };
/** W07 still fails afterwards: so the change is taken back. */
const IN_VAIN: Asked = {
  ...ASKED,
  plan: (plan: Plan) => ({ ...plan, verifyChecks: ['MCP-W06', 'MCP-W07'] }),
};
/** So many requests are killed beside each other. */
const BESIDE = 6;
/** The last call of a life that is not disturbed can come later when a status was written in between. */
const MORE_CALLS = 3;

let place: ExecutorPlace;

beforeAll(async () => {
  place = await ExecutorPlace.open(inject('kubeconfigPath'), 'interrupted');
});
afterEach(() => place.stopExecutors());
afterAll(() => place.close());

const isSeen = ({ metadata, status }: MCPServer): boolean =>
  (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0);

/** Plays the operator: every server is Ready soon after each change. @returns what ends it. */
function operate(): () => Promise<void> {
  const end = new AbortController();
  const look = async (): Promise<void> => {
    const { items } = await place.client.list(MCPSERVER, { namespace: place.namespace }, end.signal);
    for (const server of items.filter((each) => !isSeen(each))) await place.saysReady(server);
  };
  const run = async (): Promise<void> => {
    while (!end.signal.aborted) {
      await look();
      await systemClock.sleep(200, end.signal);
    }
  };
  const running = run().catch((error: unknown) => {
    if (!end.signal.aborted) throw error;
  });
  return async () => {
    end.abort();
    await running;
  };
}

interface Life {
  readonly row: ApprovalRow;
  readonly server: MCPServer;
  readonly executor: Mortal;
}

/** One request, whose executor is killed there; another one goes on. */
async function live(asked: Asked, death?: Death): Promise<Life> {
  const server = await place.aServer();
  const row = await approved(place, server, asked);
  const executor = new Mortal(row, death);
  await place.start(executor.options());
  const isOver = async (): Promise<boolean> => isFinal((await place.row(row)).phase);
  await waitFor(async () => executor.isDead || (await isOver()), {
    description: `the executor of ${row.name} to be killed at call ${death?.call}`,
    deadlineMs: 60_000,
  });
  if (executor.isDead) await place.start(new Mortal(row).options());
  return { row: await place.reaches(row, 'Executed', 'RolledBack', 'Failed'), server, executor };
}

/** Every death, from a call on, of somebody who calls so often. */
function deaths(from: number, calls: number): readonly Death[] {
  const length = Math.max(0, calls + MORE_CALLS - from + 1);
  return Array.from({ length }, (_, index) => index + from).flatMap((call): Death[] => [
    { call, moment: 'before' },
    { call, moment: 'after' },
  ]);
}

/** So many at once. */
async function inTurns<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const left = [...items];
  const worker = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: BESIDE }, worker));
}

describe('an executor that is killed at any of its calls', () => {
  let end: () => Promise<void>;
  beforeAll(() => {
    end = operate();
  });
  afterAll(() => end());

  it.each([
    ['makes the change', 1, ASKED, 'Executed', 2, ['Executing', 'Executed']],
    // Until the change is there, which takes more calls than that, it is the same as the other.
    ['takes the change back', 10, IN_VAIN, 'RolledBack', 3, ['Executing', 'RollingBack', 'RolledBack']],
  ] as const)(
    'is followed by one that %s, and once only',
    async (_what, from, asked, phase, generation, events) => {
      const { executor: undisturbed } = await live(asked);
      expect(undisturbed.calls).toBeGreaterThan(10);
      let killed = 0;
      await inTurns(deaths(from, undisturbed.calls), async (death) => {
        const { row, server, executor } = await live(asked, death);
        const where = `killed ${death.moment} call ${death.call}: ${row.conditions.at(-1)?.message}`;
        if (executor.isDead) killed += 1;
        const now = await place.now(server);
        expect([row.phase, now.metadata.generation], where).toEqual([phase, generation]);
        expect((await place.events(row)).slice(3), where).toEqual(events);
        if (phase === 'RolledBack') expect(now.spec, where).toEqual(server.spec);
      });
      expect(killed).toBeGreaterThanOrEqual(2 * (undisturbed.calls - MORE_CALLS - from + 1));
    },
    300_000,
  );
});

describe('a denial in the moment of the execution', () => {
  it('ends the request before anything is done, or comes too late: never both', async () => {
    const end = operate();
    const servers = await Promise.all(Array.from({ length: 8 }, () => place.aServer()));
    const rows = await Promise.all(servers.map((server) => approved(place, server, ASKED)));
    const denials = rows.map(async (row) => {
      await decide(place, row, 'cat', 'deny');
      await count(place, await place.row(row)).catch(unlessConflict);
    });
    await Promise.all([place.start(), ...denials]);
    for (const [index, row] of rows.entries()) {
      // Whatever the executor did not begin the operator ends by the denial.
      const over = await waitFor(
        async () => {
          const now = await place.row(row);
          if (now.phase === 'Approved') await count(place, now);
          return (now.phase === 'Denied' || now.phase === 'Executed') && now;
        },
        { description: `${row.name} to be over`, deadlineMs: 30_000 },
      );
      const events = await place.events(row);
      const isExecuted = over.phase === 'Executed';
      expect(events.includes('Executing')).toBe(isExecuted);
      expect(events.includes('Denied')).toBe(!isExecuted);
      const server = servers[index];
      if (server !== undefined)
        expect((await place.now(server)).metadata.generation).toBe(isExecuted ? 2 : 1);
    }
    await end();
  });
});

/** The executor was faster. */
function unlessConflict(error: unknown): void {
  if (!(error instanceof ApprovalConflictError)) throw error;
}

describe('a database that is away', () => {
  const warnings: string[] = [];
  const logger: Logger = {
    ...silentLogger,
    warn: (message) => void warnings.push(message),
    child: () => logger,
  };
  const isNoticed = (): Promise<unknown> =>
    waitFor(() => warnings.includes('the store cannot be read'), {
      description: 'the executor to notice',
      deadlineMs: 60_000,
    });
  afterEach(() => {
    warnings.length = 0;
  });

  it('while a request is Approved: nothing is changed until it is back', async () => {
    const server = await place.aServer();
    const row = await approved(place, server, ASKED);
    await place.postgres.kill();
    await place.start({ logger });
    await isNoticed();
    await place.isUntouched(server);
    await place.postgres.restart();
    await place.saysReady(await place.changed(server));
    await place.reaches(row, 'Executed');
  }, 120_000);

  it.each([
    ['is Executing: it ends when it is back, and nothing is done twice', ASKED, 'Verified', 'Executed', 2],
    ['is Executing in vain: it is taken back when it is back', IN_VAIN, 'Verified', 'RolledBack', 3],
    ['breaks its server: it is taken back when it is back', ASKED, 'CrashLooping', 'RolledBack', 3],
  ] as const)(
    'while a request %s',
    async (_what, asked, reason, phase, generation) => {
      await place.start({ logger });
      const server = await place.aServer();
      const row = await approved(place, server, asked);
      await place.changed(server);
      await place.postgres.kill();
      await say(place, server.metadata.name, { status: reason === 'Verified' ? 'True' : 'False', reason });
      await isNoticed();
      await place.postgres.restart();
      const over = await place.reaches(row, phase);
      expect((await place.now(server)).metadata.generation).toBe(generation);
      expect(['Verified', 'VerificationFailed', 'NotSettled']).toContain(reasonOf(over));
    },
    120_000,
  );
});
