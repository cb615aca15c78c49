import { describe, expect, it } from 'vitest';
import { defaultMCPSecurityPolicy, type MCPSecurityPolicy } from '../../api/index.ts';
import { silentLogger } from '../../core/logger.ts';
import { FakeClock } from '../../core/testing/fake-clock.ts';
import type { Change } from '../../operator/runtime/index.ts';
import { policyChanges } from './policy-changes.ts';
import { FakeHistory } from './testing/fake-history.ts';

type ChangeHandler = (change: Change<MCPSecurityPolicy>) => void;

function aPolicy(generation: number, changedBy?: string): MCPSecurityPolicy {
  const persons = JSON.stringify([
    { username: 'first', uid: '' },
    { username: changedBy, uid: '' },
  ]);
  const annotations = changedBy === undefined ? {} : { 'mcp.kilocode.ai/changed-by': persons };
  return defaultMCPSecurityPolicy({
    metadata: { name: 'strict', uid: 'policy-uid', generation, annotations },
    spec: { enforcement: 'Enforce' },
  });
}

function setup() {
  const clock = new FakeClock();
  const history = new FakeHistory();
  const handlers = new Set<ChangeHandler>();
  const policies = {
    addHandler: (handler: ChangeHandler) => {
      handlers.add(handler);
      return () => void handlers.delete(handler);
    },
  };
  const errors: string[] = [];
  const logger = { ...silentLogger, error: (message: string) => void errors.push(message) };
  const stop = new AbortController();
  const leader = policyChanges({
    policies,
    describe: ({ spec }: MCPSecurityPolicy) => spec.enforcement,
    history,
    clock,
    logger,
  });
  const running = leader.run(stop.signal, stop.signal, { epoch: 3, lease: 'lease', signal: stop.signal });
  const tell: ChangeHandler = (change) => {
    for (const handler of handlers) handler(change);
  };
  const end = async (): Promise<void> => {
    stop.abort();
    await running;
  };
  return { clock, history, tell, errors, handlers, end };
}

describe('the changes of a policy', () => {
  it('are recorded, each spec once, with who made it', async () => {
    const { clock, history, tell, end } = setup();
    const [one, other] = [aPolicy(1), aPolicy(2, 'bob')];
    tell({ kind: 'add', object: one, initial: true });
    await clock.advance(0);
    tell({ kind: 'update', object: other, previous: one });
    tell({ kind: 'update', object: { ...other }, previous: other });
    tell({ kind: 'delete', object: other, finalStateUnknown: false });
    await clock.advance(0);
    await end();
    expect(history.recorded.map(({ key, changedBy }) => `${key} ${changedBy}`)).toEqual([
      'policy:policy-uid:1 ',
      'policy:policy-uid:2 bob',
      'policy:policy-uid:deleted ',
    ]);
    expect(history.recorded[1]).toMatchObject({
      kind: 'PolicyChanged',
      object: { kind: 'MCPSecurityPolicy', namespace: '', name: 'strict', uid: 'policy-uid' },
      summary: expect.stringMatching(/^Enforce, spec sha256:[0-9a-f]{64}$/) as string,
    });
  });

  it('wait for a store that is down', async () => {
    const { clock, history, tell, end } = setup();
    history.isDown = true;
    tell({ kind: 'add', object: aPolicy(1, 'bob'), initial: false });
    await clock.advance(60_000);
    expect(history.recorded).toEqual([]);
    history.isDown = false;
    await clock.advance(60_000);
    expect(history.recorded.map(({ changedBy }) => changedBy)).toEqual(['bob']);
    await end();
  });

  it('that are too many for a store that is down are told to the log', async () => {
    const { clock, history, tell, errors, end } = setup();
    history.isDown = true;
    for (let generation = 1; generation <= 10_001; generation += 1)
      tell({ kind: 'add', object: aPolicy(generation), initial: false });
    await clock.advance(0);
    expect(errors).toEqual(['the ledger misses a change: too many wait for the store']);
    await end();
  });

  it('are left to the next leader', async () => {
    const { clock, history, tell, errors, handlers, end } = setup();
    history.epoch = 4;
    tell({ kind: 'add', object: aPolicy(1), initial: true });
    await clock.advance(0);
    expect(history.recorded).toEqual([]);
    expect(errors).toEqual([]);
    await end();
    expect(handlers.size).toBe(0);
  });
});
