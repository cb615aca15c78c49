import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { keyOf } from '../../operator/runtime/index.ts';
import { DEFAULT_RENDER_SETTINGS } from '../../render/index.ts';
import { aServer } from '../../render/testing/a-server.ts';
import { MCPSERVER } from '../mcpserver/index.ts';
import { NAMESPACE, SECURITY_POLICY } from './kinds.ts';
import type { PolicyTally } from './tally.ts';
import { aNamespace, anEngine, aPolicy } from './testing/builders.ts';
import { FakeInformer } from './testing/informer.ts';
import { VerdictStore } from './verdicts.ts';

function aWorld() {
  const policies = new FakeInformer(SECURITY_POLICY);
  const servers = new FakeInformer(MCPSERVER);
  const namespaces = new FakeInformer(NAMESPACE);
  const engine = anEngine();
  const told: string[] = [];
  const sources = { policies: policies.store, servers: servers.store, namespaces: namespaces.store, engine };
  const verdicts = new VerdictStore(
    { ...sources, rendering: DEFAULT_RENDER_SETTINGS },
    ({ policy }: PolicyTally) => told.push(policy.metadata.name),
  );
  return { policies, servers, namespaces, engine, told, verdicts };
}

const owned = (generation = 1) => aServer({}, { generation, labels: { owner: 'me' } });
const KEY = keyOf(aServer());

describe('verdicts', () => {
  let world: ReturnType<typeof aWorld>;
  beforeEach(() => {
    world = aWorld();
    world.namespaces.put(aNamespace('team-a'));
    world.servers.put(aServer());
    for (const name of ['one', 'two']) world.policies.put(aPolicy(undefined, { name }));
    world.verdicts.judge(KEY);
  });
  const figures = (name = 'one') =>
    world.verdicts
      .tallies()
      .find(({ policy }) => policy.metadata.name === name)
      ?.figures();

  it.each([
    { change: 'nothing', act: () => undefined, asked: 0 },
    {
      change: 'its status',
      act: () => world.servers.put({ ...aServer(), status: { replicas: 1 } }),
      asked: 0,
    },
    { change: 'its spec', act: () => world.servers.put(aServer({}, { generation: 2 })), asked: 2 },
    { change: 'its labels', act: () => world.servers.put(owned()), asked: 2 },
    {
      change: "its namespace's labels",
      act: () => world.namespaces.put(aNamespace('team-a', { stage: 'test' })),
      asked: 2,
    },
    {
      change: 'one policy',
      act: () => world.policies.put(aPolicy({}, { name: 'one', generation: 2 })),
      asked: 1,
    },
    {
      change: 'the status of a policy',
      act: () => world.policies.put({ ...aPolicy(undefined, { name: 'one' }), status: {} }),
      asked: 0,
    },
    {
      change: 'one more policy',
      act: () => world.policies.put(aPolicy(undefined, { name: 'three' })),
      asked: 1,
    },
    {
      change: 'one policy less',
      act: () => world.policies.remove(aPolicy(undefined, { name: 'two' })),
      asked: 0,
    },
    {
      change: 'a policy of the same name',
      act: () => world.policies.put(aPolicy({}, { name: 'one', uid: 'another' })),
      asked: 1,
    },
  ])('of a server ask $asked times for $change', ({ act, asked }) => {
    const before = world.engine.asked();
    act();
    world.verdicts.judge(KEY);
    expect(world.engine.asked() - before).toBe(asked);
    world.verdicts.judge(KEY);
    expect(world.engine.asked() - before).toBe(asked);
  });

  it('are news when they change, and the first only when there is something to say', () => {
    expect(world.verdicts.judge(KEY)).toEqual({
      broken: [
        { policy: 'one', rules: ['labels.required'] },
        { policy: 'two', rules: ['labels.required'] },
      ],
      isNew: false,
    });
    world.servers.put(owned());
    expect(world.verdicts.judge(KEY)).toEqual({ broken: [], isNew: true });
    const other = aServer({}, { name: 'other', uid: 'other', labels: { owner: 'me' } });
    world.servers.put(other);
    expect(world.verdicts.judge(keyOf(other))).toEqual({ broken: [], isNew: false });
  });

  it('end with the last policy', () => {
    for (const name of ['one', 'two']) world.policies.remove(aPolicy(undefined, { name }));
    expect(world.verdicts.isIdle()).toBe(false);
    expect(world.verdicts.judge(KEY)).toEqual({ broken: [], isNew: true });
    expect(world.verdicts.isIdle()).toBe(true);
  });

  it('go with their server', () => {
    world.verdicts.forget('uid-of-github');
    expect(figures()).toMatchObject({ matchedServers: 0, violatingServers: 0 });
    world.servers.remove(aServer());
    expect(world.verdicts.judge(KEY)).toEqual({ broken: [], isNew: false });
    expect(figures()).toMatchObject({ matchedServers: 0 });
  });

  it('do not mix the generations of a policy', () => {
    const second = aServer({}, { name: 'second', uid: 'second' });
    world.servers.put(second);
    world.verdicts.judge(keyOf(second));
    expect(figures()).toMatchObject({ matchedServers: 2, violatingServers: 2 });
    world.policies.put(aPolicy({}, { name: 'one', generation: 2 }));
    world.verdicts.judge(KEY);
    expect(figures()).toMatchObject({ matchedServers: 1, violatingServers: 0 });
  });

  it('tell of each policy whose figures change, and of one that turns out to make no sense', () => {
    world.told.length = 0;
    world.verdicts.judge(KEY);
    expect(world.told).toEqual([]);
    world.servers.put(owned());
    world.verdicts.judge(KEY);
    expect(world.told).toEqual(['one', 'two']);
    world.policies.put(aPolicy({ maxReplicas: 666 }, { name: 'one', generation: 2 }));
    world.verdicts.judge(KEY);
    expect(world.told.slice(2)).toContain('one');
  });

  it('are whole, or not there yet: a judgement that is cut off goes on, and nobody hears of half of it', () => {
    world.servers.put(owned(2));
    world.told.length = 0;
    const before = [figures('one'), figures('two')];
    const asked = world.engine.asked();
    expect(world.verdicts.judge(KEY, () => false)).toBeUndefined();
    expect([world.told, [figures('one'), figures('two')]]).toEqual([[], before]);
    expect(world.verdicts.judge(KEY, () => false)).toEqual({ broken: [], isNew: true });
    expect(world.engine.asked() - asked).toBe(2);
    expect(figures('one')).toMatchObject({ matchedServers: 1, violatingServers: 0 });
  });

  it('that were begun on a server that has changed since are begun anew', () => {
    world.servers.put(owned(2));
    world.verdicts.judge(KEY, () => false);
    world.servers.put(aServer({}, { generation: 3 }));
    world.verdicts.judge(KEY, () => false);
    expect(world.verdicts.judge(KEY, () => false)?.broken).toHaveLength(2);
  });

  it('that were begun by a policy that is gone since do not count it', () => {
    world.servers.put(aServer({}, { generation: 2 }));
    world.verdicts.judge(KEY, () => false);
    world.policies.remove(aPolicy(undefined, { name: 'one' }));
    expect(world.verdicts.judge(KEY)?.broken).toEqual([{ policy: 'two', rules: ['labels.required'] }]);
  });

  it('take the name of a namespace that is not known yet for its only label', () => {
    const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': 'new' } };
    world.policies.put(aPolicy({ namespaceSelector, maxReplicas: 0 }, { name: 'three' }));
    const early = aServer({}, { name: 'early', namespace: 'new', uid: 'early', labels: { owner: 'me' } });
    world.servers.put(early);
    expect(world.verdicts.judge(keyOf(early))?.broken).toEqual([{ policy: 'three', rules: ['maxReplicas'] }]);
  });
});

describe('figures that are kept', () => {
  const names = fc.constantFrom('a', 'b', 'c');
  const flag = fc.boolean();
  const server = fc.record({
    kind: fc.constant('server'),
    name: names,
    owned: flag,
    there: flag,
    generation: fc.nat(3),
  });
  const policy = fc.record({
    kind: fc.constant('policy'),
    name: names,
    strict: flag,
    there: flag,
    generation: fc.nat(3),
  });
  const namespace = fc.record({ kind: fc.constant('namespace'), team: names });

  it('are those of counting anew, whatever happened', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(server, policy, namespace), { maxLength: 40 }), (steps) => {
        const world = aWorld();
        for (const step of steps) {
          act(world, step);
          for (const { metadata } of world.servers.store.list()) world.verdicts.judge(metadata);
        }
        const anew = aWorld();
        for (const each of world.policies.store.list()) anew.policies.put(each);
        for (const each of world.namespaces.store.list()) anew.namespaces.put(each);
        for (const each of world.servers.store.list()) {
          anew.servers.put(each);
          anew.verdicts.judge(each.metadata);
        }
        expect(summary(world)).toEqual(summary(anew));
      }),
    );
  });

  type Step = {
    readonly kind: string;
    readonly name?: string;
    readonly there?: boolean;
    readonly owned?: boolean;
    readonly strict?: boolean;
    readonly team?: string;
    readonly generation?: number;
  };

  function act(world: ReturnType<typeof aWorld>, step: Step): void {
    const { name = 'a', generation = 0 } = step;
    if (step.kind === 'namespace')
      return world.namespaces.put(aNamespace('team-a', { team: step.team ?? '' }));
    if (step.kind === 'policy') {
      const namespaceSelector = { matchLabels: { team: name } };
      const spec = step.strict ? { namespaceSelector, labels: { required: ['owner'] } } : {};
      // A generation stands for one spec, as at the API server.
      const policy = aPolicy(spec, { name, generation: generation * 2 + (step.strict ? 1 : 0) });
      return step.there ? world.policies.put(policy) : world.policies.remove(policy);
    }
    const labels = step.owned ? { owner: 'me' } : {};
    const server = aServer({}, { name, uid: name, generation, labels });
    if (step.there) return world.servers.put(server);
    world.servers.remove(server);
    world.verdicts.forget(name);
  }

  const summary = ({ verdicts }: ReturnType<typeof aWorld>) =>
    verdicts.tallies().map((tally) => {
      const { serversByRule, ...counts } = tally.figures();
      const broken = [...serversByRule].filter(([, servers]) => servers > 0);
      return [tally.policy.metadata.name, counts, broken];
    });
});
