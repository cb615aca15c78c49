import { afterEach, describe, expect, it, vi } from 'vitest';
import { type MCPServer, SERVER_CONTAINER } from '../../api/index.ts';
import {
  type ApprovalFence,
  type ApprovalRow,
  type PatchOperation,
  type Plan,
  planRemediation,
} from '../../approval/index.ts';
import { OPENED, aPlan, aSnapshot, later } from '../../approval/testing/rows.ts';
import { CHECK_RULES } from '../../checks/index.ts';
import { type LogFields, type Logger, silentLogger } from '../../core/logger.ts';
import { DEFAULT_RENDER_SETTINGS } from '../../render/index.ts';
import { aServer } from '../../render/testing/a-server.ts';
import { imageOf, preImageOf } from './target.ts';
import { World, type WorldOptions, decisionBy } from './testing/world.ts';
import { failedChecks, failureMessage, settlementOf } from './verdict.ts';

function planned(check: string, server: MCPServer): Plan | undefined {
  const answer = planRemediation(check, {
    server,
    namespace: { name: 'team-a', labels: {} },
    settings: DEFAULT_RENDER_SETTINGS,
    managers: [],
  });
  return answer.kind === 'planned' ? answer.plan : undefined;
}

const SERVER: MCPServer = aServer({
  podTemplate: {
    spec: { containers: [{ name: SERVER_CONTAINER, securityContext: { readOnlyRootFilesystem: false } }] },
  },
});
const PLAN = planned('MCP-W06', SERVER) ?? aPlan();

async function ran(
  options: Partial<WorldOptions>,
  change: (world: World) => void = () => undefined,
): Promise<World> {
  const world = new World({ server: SERVER, plan: PLAN, ...options });
  change(world);
  await world.run();
  return world;
}

const WRITER: ApprovalFence = { epoch: 1, writer: 'executor' };
const FIXED: Pick<MCPServer, 'spec'> = {
  spec: {
    ...SERVER.spec,
    podTemplate: {
      spec: { containers: [{ name: SERVER_CONTAINER, securityContext: { readOnlyRootFilesystem: true } }] },
    },
  },
};
const PROPOSAL: Plan = aPlan({ effect: { kind: 'Proposal', operations: [], reason: 'Git owns it' } });

function lastReason({ row }: World): string | undefined {
  return row.conditions.at(-1)?.reason;
}

describe('an execution that is kept from its end', () => {
  it.each([
    ['a dry run that is refused', { refuses: ({ dryRun }) => dryRun }, 'NotPermitted', 0],
    [
      'a patch that is refused after the dry run was not',
      { refuses: ({ dryRun }) => !dryRun },
      'NotPermitted',
      0,
    ],
    [
      'a way back that is refused',
      { refuses: ({ dryRun, count }) => !dryRun && count > 1, plan: { ...PLAN, verifyChecks: ['MCP-W07'] } },
      'RollbackFailed',
      1,
    ],
    ['a patch that may not be made', { plan: aPlan() }, 'NotPermitted', 0],
    [
      'a patch that does not apply',
      {
        plan: aPlan({
          effect: { kind: 'Patch', operations: [{ op: 'remove', path: '/spec/network/ingress' }] },
        }),
      },
      'PatchRefused',
      0,
    ],
  ] satisfies readonly (readonly [string, Partial<WorldOptions>, string, number])[])(
    '%s',
    async (_what, options, reason, changes) => {
      const world = await ran(options);
      expect([world.row.phase, lastReason(world), world.specs.length]).toEqual(['Failed', reason, changes]);
    },
  );

  it('keeps the values before in the row when they could not be put back', async () => {
    const world = await ran({
      refuses: ({ dryRun, count }) => !dryRun && count > 1,
      plan: { ...PLAN, verifyChecks: ['MCP-W07'] },
    });
    expect(world.row.preImage?.values).toEqual({
      '/spec/podTemplate/spec/containers/0/securityContext/readOnlyRootFilesystem': false,
    });
    expect(world.row.conditions.at(-1)?.message).toContain('could not be put back');
  });
});

describe('a request that does not begin', () => {
  it.each<readonly [string, (world: World) => void]>([
    [
      'was made Approved past its decisions',
      (world) => {
        world.decisions = [];
      },
    ],
    [
      'has lost an approval',
      (world) => {
        world.decisions = world.decisions.slice(0, 1);
      },
    ],
    [
      'is of a database that was restored',
      (world) => {
        world.isLedgerContinued = false;
      },
    ],
    [
      'has another patch than was approved',
      (world) => {
        world.row = forged(world.row);
      },
    ],
    ['has a target that was edited', (world) => world.edit((spec) => ({ ...spec, replicas: 3 }))],
    [
      'has a target that is gone',
      (world) => {
        world.server = undefined;
      },
    ],
  ])('%s', async (_what, change) => {
    const world = new World({ server: SERVER, plan: PLAN });
    change(world);
    const before = world.specs.length;
    await world.run();
    expect([world.row.phase, world.specs.length]).toEqual(['Approved', before]);
  });

  it('begins once the restore is acknowledged', async () => {
    const world = new World({ server: SERVER, plan: PLAN, isLedgerContinued: false });
    await world.run(20_000);
    expect(world.row.phase).toBe('Approved');
    world.isLedgerContinued = true;
    await world.run();
    expect(world.row.phase).toBe('Executed');
  });

  it.each([
    { annotations: { 'argocd.argoproj.io/tracking-id': 'x' } },
    { labels: { 'kustomize.toolkit.fluxcd.io/name': 'apps' } },
  ])('patches nothing that Git took over since: %o', async (metadata) => {
    const server = { ...SERVER, metadata: { ...SERVER.metadata, ...metadata } };
    const world = await ran({ server });
    expect([world.row.phase, lastReason(world), world.specs.length]).toEqual(['Failed', 'OwnedByGit', 0]);
  });
});

function forged(row: ApprovalRow): ApprovalRow {
  const operations: readonly PatchOperation[] = [
    { op: 'remove', path: '/spec/podTemplate/spec/serviceAccountName' },
  ];
  return {
    ...row,
    derived: { ...row.derived, plan: { ...row.derived.plan, effect: { kind: 'Patch', operations } } },
  };
}

describe('a row in Executing that somebody else wrote', () => {
  const evil: readonly PatchOperation[] = [
    { op: 'replace', path: '/spec/source/image/ref', value: 'example.com/evil:1' },
  ];
  const becomes = { spec: { ...SERVER.spec, replicas: 9 } };

  it.each<readonly [string, (world: World) => ApprovalRow, string]>([
    [
      'without decisions',
      ({ row }) => ({ ...row, phase: 'Executing', preImage: preImageOf(SERVER, becomes, []) }),
      'NotPermitted',
    ],
    [
      'with another patch',
      ({ row }) => ({ ...forged(row), phase: 'Executing', preImage: preImageOf(SERVER, becomes, []) }),
      'NotPermitted',
    ],
    [
      'for a record',
      ({ row }) => ({
        ...row,
        phase: 'Executing',
        derived: { ...row.derived, plan: aPlan({ effect: { kind: 'Quarantine', operation: 'End' } }) },
      }),
      'NotPermitted',
    ],
  ])('executes nothing %s', async (what, forge, reason) => {
    const world = new World({ server: SERVER, plan: PLAN });
    world.row = forge(world);
    if (what === 'without decisions') world.decisions = [];
    await world.run();
    expect([world.row.phase, lastReason(world), world.specs.length]).toEqual(['Failed', reason, 0]);
  });

  it('puts nothing back that the executor does not change', async () => {
    const world = new World({ server: SERVER, plan: PLAN });
    const preImage = { ...preImageOf({ ...SERVER, ...becomes }, SERVER, []), inverse: evil };
    world.row = {
      ...world.row,
      phase: 'Executing',
      preImage,
      rollback: { reason: 'NotSettled', message: '' },
    };
    await world.run();
    expect([world.row.phase, lastReason(world), world.specs.length]).toEqual(['Failed', 'RollbackFailed', 0]);
  });

  it('executes nothing of a database that was restored', async () => {
    const world = new World({ server: SERVER, plan: PLAN, isLedgerContinued: false });
    world.row = { ...world.row, phase: 'Executing', preImage: preImageOf(SERVER, FIXED, []) };
    await world.run();
    expect([world.row.phase, world.specs.length]).toEqual(['Executing', 0]);
    world.isLedgerContinued = true;
    await world.run();
    expect([world.row.phase, world.specs.length]).toEqual(['Executed', 1]);
  });

  it('is counted though the executor began the request itself', async () => {
    // The server never becomes ready, so that the executor waits in between.
    const world = new World({ server: SERVER, plan: PLAN, readiness: () => 'unseen' });
    const execution = world.execution();
    const { signal } = new AbortController();
    for (const _ of ['begins', 'applies', 'waits']) await execution.step(world.row, WRITER, signal);
    expect([world.row.phase, world.specs.length]).toEqual(['Executing', 1]);
    const before = preImageOf({ ...SERVER, spec: world.server?.spec ?? SERVER.spec }, SERVER, []);
    world.advance({ ...forged(world.row), preImage: before });
    await execution.step(world.row, WRITER, signal);
    expect([world.row.phase, lastReason(world), world.specs.length]).toEqual(['Failed', 'NotPermitted', 1]);
  });

  it('is too late a minute after the time for it, as long as nothing was done', async () => {
    const world = new World({ server: SERVER, plan: PLAN });
    world.row = { ...world.row, phase: 'Executing', preImage: preImageOf(SERVER, FIXED, []) };
    const end = Date.parse(world.row.executeBefore ?? '');
    await world.clock.advance(end + 60_000 - world.clock.now().getTime());
    await world.run();
    expect([world.row.phase, lastReason(world), world.specs.length]).toEqual(['Failed', 'TooLate', 0]);
  });

  it('waits while nobody can be asked who may decide', async () => {
    const world = new World({ server: SERVER, plan: PLAN, holds: () => undefined });
    world.row = { ...world.row, phase: 'Executing', preImage: preImageOf(SERVER, becomes, []) };
    await world.run();
    expect([world.row.phase, world.specs.length]).toEqual(['Executing', 0]);
  });
});

describe('what is asked before an execution begins', () => {
  function counting(world: World): () => number {
    let calls = 0;
    world.around = (moment) => {
      if (moment === 'before') calls += 1;
    };
    return () => calls;
  }

  it.each<readonly [string, object]>([
    ['not to be executed any more', { executeBefore: OPENED.toISOString() }],
    [
      'a proposal',
      { derived: { ...new World({ server: SERVER, plan: PROPOSAL }).row.derived }, executeBefore: undefined },
    ],
  ])('is nothing for a request that is %s', async (_what, changes) => {
    const world = new World({ server: SERVER, plan: PLAN });
    world.row = { ...world.row, ...changes };
    const calls = counting(world);
    await world.run();
    expect([world.row.phase, calls()]).toEqual(['Approved', 0]);
  });

  /** Approved, with a freeze that is on. */
  function aFrozenWorld(): World {
    const freeze = [{ schedule: '0 0 * * *', timeZone: 'Etc/UTC', duration: '23h59m' }];
    const world = new World({ server: SERVER, plan: PLAN });
    world.row = {
      ...world.row,
      derived: { ...world.row.derived, policy: aSnapshot({ freeze }) },
      executeBefore: later(86_400).toISOString(),
    };
    return world;
  }

  it('is little while a freeze is on', async () => {
    const world = aFrozenWorld();
    const calls = counting(world);
    await world.run(600_000);
    expect([world.row.phase, calls()]).toEqual(['Approved', 0]);
  });

  it('is everything once the row says that a freeze was overridden', async () => {
    const world = aFrozenWorld();
    const overridden = {
      type: 'Overridden',
      reason: 'Overridden',
      message: '',
      at: OPENED.toISOString(),
    } as const;
    world.row = { ...world.row, conditions: [...world.row.conditions, overridden] };
    await world.run();
    expect([world.row.phase, world.specs.length]).toEqual(['Approved', 0]);
    world.decisions = [...world.decisions, decisionBy(world.row, 'olga', 'override')];
    await world.run();
    expect([world.row.phase, world.specs.length]).toEqual(['Executed', 1]);
  });

  it('ends with the decisions, so that a denial of the last moment counts', async () => {
    const world = new World({ server: SERVER, plan: PLAN });
    let isDenied = false;
    world.onDryRun = () => {
      if (isDenied) return;
      isDenied = true;
      world.decisions = [...world.decisions, decisionBy(world.row, 'cat', 'deny')];
    };
    await world.run();
    expect([isDenied, world.row.phase, world.specs.length]).toEqual([true, 'Approved', 0]);
  });
});

describe('a status that is written between a look and a patch', () => {
  it('is no refusal, whichever patch it meets', async () => {
    const world = new World({ server: SERVER, plan: { ...PLAN, verifyChecks: ['MCP-W07'] } });
    let patches = 0;
    world.beforePatch = () => {
      patches += 1;
      // The dry run before the beginning, the one before the change, the change, and the same two on the way back.
      if ([1, 3, 5, 8, 10].includes(patches)) world.touch();
    };
    await world.run();
    expect([world.row.phase, lastReason(world), world.specs.length]).toEqual([
      'RolledBack',
      'VerificationFailed',
      2,
    ]);
    expect(patches).toBe(12);
  });
});

describe('imageOf', () => {
  const operations = PLAN.effect.kind === 'Patch' ? PLAN.effect.operations : [];
  const fixed = { ...SERVER, spec: { ...SERVER.spec, replicas: 2 } };
  const row = {
    action: { kind: 'Remediate', target: { uid: 'uid-of-github' } },
    preImage: preImageOf(SERVER, fixed, operations),
  } as unknown as ApprovalRow;

  it.each([
    ['pre', SERVER],
    ['post', fixed],
    ['other', { ...SERVER, spec: { ...SERVER.spec, replicas: 3 } }],
    ['gone', { ...SERVER, metadata: { ...SERVER.metadata, uid: 'another' } }],
    ['gone', undefined],
    ['pre', { ...SERVER, metadata: { ...SERVER.metadata, resourceVersion: '99', generation: 9 } }],
  ] as const)('is %s', (image, target) => {
    expect(imageOf(row, target)).toBe(image);
  });
});

describe('settlementOf', () => {
  function server(status: 'True' | 'False', reason: string, observed = 2, ofReady = observed): MCPServer {
    const ready = {
      type: 'Ready',
      status,
      reason,
      message: '',
      observedGeneration: ofReady,
      lastTransitionTime: '',
    };
    return {
      ...aServer({}, { generation: 2 }),
      status: { observedGeneration: observed, conditions: [ready] },
    } as unknown as MCPServer;
  }

  it.each([
    ['settled', server('True', 'Verified'), true],
    ['pending', server('False', 'Progressing'), true],
    ['failed', server('False', 'CrashLooping'), true],
    ['failed', server('False', 'PodsRefused'), true],
    // A server that did not work before need not work now.
    ['settled', server('False', 'CrashLooping'), false],
    ['pending', server('True', 'Verified', 1), true],
    ['pending', server('True', 'Verified', 1), false],
    ['pending', server('True', 'Verified', 2, 1), true],
    ['pending', aServer({}, { generation: 2 }), true],
  ])('%s', (kind, given, wasReady) => {
    expect(settlementOf(given, { wasReady }).kind).toBe(kind);
  });
});

describe('failedChecks', () => {
  const namespace = { name: 'team-a', labels: {} };

  it('names those of the checks that still fail, and no others', () => {
    const checks = ['MCP-W06', 'MCP-W02', 'MCP-P11'];
    expect(failedChecks(SERVER, namespace, DEFAULT_RENDER_SETTINGS, checks)).toEqual([{ id: 'MCP-W06' }]);
  });

  it('names a check that cannot be evaluated', () => {
    const broken = { ...SERVER, spec: undefined } as unknown as MCPServer;
    const failures = failedChecks(broken, namespace, DEFAULT_RENDER_SETTINGS, ['MCP-W06', 'MCP-W07']);
    const cause: unknown = expect.any(TypeError);
    expect(failures).toEqual([
      { id: 'MCP-W06', cause },
      { id: 'MCP-W07', cause },
    ]);
  });
});

describe('a check that crashes after the change', () => {
  const crash = new Error(`a bug\nin the check${'!'.repeat(2_000)}`);

  function crashing(id: string): void {
    const rule = CHECK_RULES.find((known) => known.id === id);
    if (rule === undefined) throw new Error(`there is no check ${id}`);
    vi.spyOn(rule, 'evaluate').mockImplementation(() => {
      throw crash;
    });
  }

  afterEach(() => {
    vi.restoreAllMocks();
  });

  it('is said to have crashed, in row and log, and the change is taken back', async () => {
    crashing('MCP-W06');
    const errors: LogFields[] = [];
    const error: Logger['error'] = (_message, fields = {}) => void errors.push(fields);
    const plan = { ...PLAN, verifyChecks: ['MCP-W06', 'MCP-W07'] };
    const world = await ran({ plan, logger: { ...silentLogger, error } });
    expect([world.row.phase, lastReason(world)]).toEqual(['RolledBack', 'VerificationFailed']);
    const message = world.row.conditions.at(-1)?.message ?? '';
    expect(message).toMatch(
      /after the change MCP-W07 still fails; MCP-W06 could not be evaluated: a bug in the check!+…/,
    );
    expect(message.length).toBeLessThan(1_100);
    expect(errors).toEqual([expect.objectContaining({ check: 'MCP-W06', error: crash })]);
  });

  it('is told within bounds, however many there are', () => {
    const failures = Array.from({ length: 100 }, (_, index) => ({ id: `MCP-W${index}`, cause: crash }));
    expect(failureMessage(failures)).toHaveLength(1_000);
    expect(failureMessage([{ id: 'MCP-W06', cause: undefined }])).toBe(
      'after the change MCP-W06 could not be evaluated: undefined',
    );
  });
});
