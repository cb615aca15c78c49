/**
 * Exactly once, whatever happens between two steps: the process ends at any call, before or after its effect; two executors run beside each other; a
 * denial, an edit or a deletion comes in at any moment.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type MCPServer, SERVER_CONTAINER } from '../../api/index.ts';
import { type Plan, planRemediation, transition } from '../../approval/index.ts';
import { aDecision, aPlan, later, observing } from '../../approval/testing/rows.ts';
import { canonicalJson } from '../../core/canonical-json.ts';
import { DEFAULT_RENDER_SETTINGS } from '../../render/index.ts';
import { aServer } from '../../render/testing/a-server.ts';
import { Crash, type Readiness, World, type WorldOptions, decisionBy } from './testing/world.ts';

const SERVER: MCPServer = aServer({
  podTemplate: {
    spec: { containers: [{ name: SERVER_CONTAINER, securityContext: { readOnlyRootFilesystem: false } }] },
  },
});
const PLAN = planOf(SERVER);

function planOf(server: MCPServer): Plan {
  const planned = planRemediation('MCP-W06', {
    server,
    namespace: { name: 'team-a', labels: {} },
    settings: DEFAULT_RENDER_SETTINGS,
    managers: [],
  });
  if (planned.kind === 'refused') throw new Error(planned.message);
  return planned.plan;
}

function isFixed({ spec }: Pick<MCPServer, 'spec'>): boolean {
  return spec.podTemplate?.spec?.containers?.[0]?.securityContext?.readOnlyRootFilesystem === true;
}

const breaksWhenFixed: Readiness = (server) =>
  isFixed(server) ? { status: 'False', reason: 'CrashLooping' } : { status: 'True', reason: 'Verified' };
const neverSettles: Readiness = (server) =>
  isFixed(server) ? { status: 'False', reason: 'Progressing' } : { status: 'True', reason: 'Verified' };

/** Each way to an end, and the specs that the server has had by then. */
const STORIES: readonly {
  readonly what: string;
  readonly options: Partial<WorldOptions>;
  readonly end: string;
  readonly changes: number;
}[] = [
  { what: 'a fix that works', options: {}, end: 'Executed', changes: 1 },
  {
    what: 'a fix that breaks the server',
    options: { readiness: breaksWhenFixed },
    end: 'RolledBack',
    changes: 2,
  },
  {
    what: 'a fix after which the server never settles',
    options: { readiness: neverSettles },
    end: 'RolledBack',
    changes: 2,
  },
  {
    what: 'a fix that does not satisfy its check',
    options: { plan: aPlan({ effect: PLAN.effect, verifyChecks: ['MCP-W07'] }) },
    end: 'RolledBack',
    changes: 2,
  },
  {
    what: 'a record',
    options: { kind: 'Quarantine', plan: aPlan({ effect: { kind: 'Quarantine', operation: 'Begin' } }) },
    end: 'Executed',
    changes: 0,
  },
];

function worldOf(options: Partial<WorldOptions> = {}): World {
  return new World({ server: SERVER, plan: PLAN, ...options });
}

/** How often the world is called until the story is over. */
async function callsOf(options: Partial<WorldOptions>): Promise<number> {
  const world = worldOf(options);
  let calls = 0;
  world.around = (moment) => {
    if (moment === 'before') calls += 1;
  };
  await world.run();
  return calls;
}

/** Does something once, at one moment of one call. */
function once(at: { readonly call: number; readonly moment: 'before' | 'after' }, act: () => void) {
  let calls = 0;
  return (moment: 'before' | 'after'): void => {
    if (moment === 'before') calls += 1;
    if (calls === at.call && moment === at.moment) act();
  };
}

const MOMENTS = ['before', 'after'] as const;

describe.each(STORIES)('$what', ({ options, end, changes }) => {
  it(`is ${end} when nothing happens`, async () => {
    const world = worldOf(options);
    await world.run();
    expect(world.phases).toEqual(['Approved', 'Executing', end]);
    expect(world.specs.length).toBe(changes);
    expect(canonicalJson(world.server?.spec) === canonicalJson(SERVER.spec)).toBe(changes !== 1);
  });

  it('ends the same when the process is killed once, at every call', async () => {
    const calls = await callsOf(options);
    expect(calls).toBeGreaterThan(5);
    for (let call = 1; call <= calls; call += 1)
      for (const moment of MOMENTS) {
        const world = worldOf(options);
        world.around = once({ call, moment }, () => {
          throw new Crash();
        });
        await world.run();
        expect([call, moment, world.phases, world.specs.length]).toEqual([
          call,
          moment,
          ['Approved', 'Executing', end],
          changes,
        ]);
      }
  });

  it('ends the same when it is killed again and again', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 8 }),
        fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }),
        async (kills, befores) => {
          const world = worldOf(options);
          let calls = 0;
          world.around = (moment) => {
            if (moment === 'before') calls += 1;
            const index = kills.indexOf(calls);
            if (index >= 0 && moment === (befores[index] === true ? 'before' : 'after')) throw new Crash();
          };
          await world.run();
          expect([world.phases, world.specs.length]).toEqual([['Approved', 'Executing', end], changes]);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('ends the same with two executors beside each other', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const world = worldOf(options);
        world.around = (moment) => (moment === 'before' ? scheduler.schedule(Promise.resolve()) : undefined);
        await scheduler.waitFor(Promise.all([world.run(), world.run()]));
        expect([world.phases, world.specs.length]).toEqual([['Approved', 'Executing', end], changes]);
      }),
      { numRuns: 20 },
    );
  });
});

describe('a denial that races with the execution', () => {
  it('either ends the request before anything is done, or comes too late', async () => {
    const calls = await callsOf({});
    const ends = new Set<string>();
    for (let call = 1; call <= calls; call += 1)
      for (const moment of MOMENTS) {
        const world = worldOf();
        world.around = once({ call, moment }, () => {
          world.decisions = [...world.decisions, decisionBy(world.row, 'cat', 'deny')];
          const facts = [
            aDecision(world.row, 'ann', 'approve'),
            aDecision(world.row, 'ben', 'approve'),
            aDecision(world.row, 'cat', 'deny'),
          ];
          const step = transition(world.row, observing(world.row, facts), later(120));
          if (step !== undefined) world.advance(step.row);
        });
        await world.run();
        const [, second] = world.phases;
        ends.add(world.row.phase);
        expect([call, moment, world.row.phase, world.specs.length]).toEqual([
          call,
          moment,
          ...(second === 'Denied' ? ['Denied', 0] : ['Executed', 1]),
        ]);
      }
    expect([...ends].toSorted()).toEqual(['Denied', 'Executed']);
  });
});

describe('an edit by somebody else, at any moment', () => {
  it('is never written over', async () => {
    const calls = await callsOf({});
    for (let call = 1; call <= calls; call += 1)
      for (const moment of MOMENTS) {
        const world = worldOf();
        world.around = once({ call, moment }, () => world.edit((spec) => ({ ...spec, replicas: 5 })));
        await world.run(30_000);
        expect([call, moment, world.server?.spec.replicas]).toEqual([call, moment, 5]);
        expect(['Approved', 'Failed', 'Executed']).toContain(world.row.phase);
        // The patch may have been made before the edit; nothing is changed after it.
        expect(world.specs.findIndex(({ replicas }) => replicas === 5)).toBe(world.specs.length - 1);
      }
  });
});

describe('the deletion of the server, at any moment', () => {
  it('ends the request, or keeps it from beginning', async () => {
    const calls = await callsOf({});
    for (let call = 1; call <= calls; call += 1)
      for (const moment of MOMENTS) {
        const world = worldOf();
        world.around = once({ call, moment }, () => {
          world.server = undefined;
        });
        await world.run(30_000);
        expect(['Approved', 'Failed', 'Executed']).toContain(world.row.phase);
        if (world.row.phase === 'Failed')
          expect(world.row.conditions.at(-1)?.reason).toMatch(/^(TargetGone|PatchRefused)$/);
      }
  });
});
