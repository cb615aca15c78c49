import { describe, expect, it } from 'vitest';
import type { PolicyRule, Subject } from '../../approval/index.ts';
import { silentLogger } from '../../core/logger.ts';
import { FakeClock } from '../../core/testing/fake-clock.ts';
import type {
  Informers,
  InformerOptions,
  KubernetesObject,
  ResourceType,
} from '../../operator/runtime/index.ts';
import { FakeHistory } from '../compliancecheck/testing/fake-history.ts';
import { FakeInformer } from '../securitypolicy/testing/informer.ts';
import {
  approvalRoles,
  keepBinding,
  keepRole,
  recordApprovalRoles,
  type BindingObject,
  type RoleObject,
} from './roles.ts';

const apiVersion = 'rbac.authorization.k8s.io/v1';
const APPROVE: PolicyRule = {
  apiGroups: ['mcp.kilocode.ai'],
  resources: ['approvalpolicies'],
  verbs: ['approve', 'deny'],
};
const READ: PolicyRule = { apiGroups: [''], resources: ['pods'], verbs: ['get'] };

interface Place {
  readonly namespace?: string;
  readonly version?: string;
  readonly uid?: string;
}

function meta(name: string, { namespace, version = '1', uid = `uid-of-${name}` }: Place) {
  return { name, uid, resourceVersion: version, ...(namespace !== undefined && { namespace }) };
}

function role(name: string, rules: readonly PolicyRule[], place: Place = {}): RoleObject {
  const kind = place.namespace === undefined ? 'ClusterRole' : 'Role';
  return { apiVersion, kind, metadata: meta(name, place), rules };
}

function binding(
  name: string,
  roleRef: string,
  subjects: readonly Subject[],
  place: Place = {},
): BindingObject {
  const kind = place.namespace === undefined ? 'ClusterRoleBinding' : 'RoleBinding';
  const [roleKind = '', roleName = ''] = roleRef.split('/');
  return {
    apiVersion,
    kind,
    metadata: meta(name, place),
    roleRef: { kind: roleKind, name: roleName },
    subjects,
  };
}

const USER: Subject = { kind: 'User', name: 'carol' };
const GROUP: Subject = { kind: 'Group', name: 'leads' };
const BOT: Subject = { kind: 'ServiceAccount', name: 'bot', namespace: 'ci' };

/** A leader in a cluster with these objects. */
function leading(...objects: readonly (RoleObject | BindingObject)[]) {
  const asked = new Map<string, { readonly informer: FakeInformer<never>; readonly keep: unknown }>();
  const informers: Informers = {
    for: <T extends KubernetesObject>(type: ResourceType<T>, options: InformerOptions<T> = {}) => {
      const { keep = (object: T) => object } = options;
      // A boundary: objects of a test are of the kind that they say.
      const mine = (objects as readonly unknown[] as readonly T[]).filter(({ kind }) => kind === type.kind);
      const informer = new FakeInformer<T>(type, ...mine.map(keep));
      asked.set(type.kind, { informer: informer as unknown as FakeInformer<never>, keep });
      return informer;
    },
    forMetadata: () => expect.fail('rules are needed'),
  };
  const clock = new FakeClock();
  const history = new FakeHistory();
  const roles = approvalRoles(informers);
  const stop = new AbortController();
  const recorder = recordApprovalRoles({ roles, history, clock, logger: silentLogger });
  const running = recorder.run(stop.signal, stop.signal, { epoch: 1, signal: stop.signal });
  const change = (verb: 'put' | 'remove') => async (object: RoleObject | BindingObject) => {
    const { informer } = asked.get(object.kind) ?? expect.fail(`nobody watches ${object.kind}`);
    const kept = 'roleRef' in object ? keepBinding(object) : keepRole(object);
    informer[verb](kept as never);
    await clock.advance(0);
  };
  const told = async (): Promise<readonly string[]> => {
    await clock.advance(0);
    return history.recorded.map(({ object, summary }) => `${object.kind}/${object.name} ${summary}`);
  };
  const end = async (): Promise<void> => {
    stop.abort();
    await running;
  };
  return { history, told, put: change('put'), remove: change('remove'), end };
}

const APPROVER = role('approver', [READ, APPROVE]);
const LEADS = binding('leads', 'ClusterRole/approver', [GROUP, BOT, USER], { namespace: 'team-a' });
const GRANTS = 'ClusterRole/approver grants approve, deny on every approvalpolicy';
const BINDS = 'RoleBinding/leads binds ClusterRole/approver to group leads, serviceaccount ci/bot, 1 user';

describe('who may decide', () => {
  it('is recorded as it is when somebody begins to lead: who grants what to whom', async () => {
    const { history, told, end } = leading(APPROVER, LEADS);
    expect(new Set(await told())).toEqual(new Set([GRANTS, BINDS]));
    const record = history.recorded.find(({ object }) => object.kind === 'RoleBinding');
    expect(record).toEqual({
      key: 'rbac:uid-of-leads:1',
      kind: 'ApprovalRoleChanged',
      object: { kind: 'RoleBinding', namespace: 'team-a', name: 'leads', uid: 'uid-of-leads' },
      changedBy: '',
      summary: expect.not.stringContaining('carol') as string,
      persons: ['carol'],
      state: expect.stringMatching(/^sha256:/) as string,
      at: '2026-01-01T00:00:00.000Z',
    });
    await end();
  });

  it('has nothing to do with other roles, whatever becomes of them', async () => {
    const reader = role('reader', [READ]);
    const readers = binding('readers', 'ClusterRole/reader', [USER]);
    const { told, put, remove, end } = leading(reader, readers);
    await put(role('reader', [READ, READ], { version: '2' }));
    await put(binding('readers', 'ClusterRole/reader', [GROUP], { version: '2' }));
    await put(binding('dangling', 'ClusterRole/nothing', [GROUP]));
    await remove(readers);
    await remove(reader);
    expect(await told()).toEqual([]);
    await end();
  });

  it('does not change with metadata, or with rules about other things', async () => {
    const { told, put, end } = leading(APPROVER, LEADS);
    const before = (await told()).length;
    await put(role('approver', [APPROVE], { version: '2' }));
    await put(
      binding('leads', 'ClusterRole/approver', [GROUP, BOT, USER], { namespace: 'team-a', version: '2' }),
    );
    expect(await told()).toHaveLength(before);
    await end();
  });

  it('changes when a role grants more, less, or nothing any more', async () => {
    const { told, put, end } = leading(APPROVER);
    await put(role('approver', [{ ...APPROVE, verbs: ['*'] }], { version: '2' }));
    await put(
      role('approver', [{ ...APPROVE, verbs: ['override'], resourceNames: ['prod', 'dev'] }], {
        version: '3',
      }),
    );
    await put(role('approver', [READ], { version: '4' }));
    expect(await told()).toEqual([
      GRANTS,
      'ClusterRole/approver grants approve, deny, cancel, override on every approvalpolicy by a *',
      'ClusterRole/approver grants override on approvalpolicies prod, dev',
      'ClusterRole/approver grants no decision any more',
    ]);
    await end();
  });

  it('tells whom a role was bound to when it begins to grant', async () => {
    const { told, put, end } = leading(role('approver', [READ]), LEADS);
    expect(await told()).toEqual([]);
    await put(role('approver', [APPROVE], { version: '2' }));
    expect(await told()).toEqual([GRANTS, BINDS]);
    await end();
  });

  it('changes with whom a binding binds, and with its end', async () => {
    const { history, told, put, remove, end } = leading(APPROVER);
    const nobody = binding('all', 'ClusterRole/approver', []);
    await put(nobody);
    const two = [USER, { kind: 'User', name: 'dan' }];
    const bound = binding('all', 'ClusterRole/approver', two, { version: '2' });
    await put(bound);
    await remove(bound);
    expect((await told()).slice(1)).toEqual([
      'ClusterRoleBinding/all binds ClusterRole/approver to nobody',
      'ClusterRoleBinding/all binds ClusterRole/approver to 2 users',
      'ClusterRoleBinding/all deleted',
    ]);
    expect(history.recorded.map(({ key, persons }) => [key, persons])).toEqual([
      ['rbac:uid-of-approver:1', undefined],
      ['rbac:uid-of-all:1', undefined],
      ['rbac:uid-of-all:2', ['carol', 'dan']],
      ['rbac:uid-of-all:deleted', undefined],
    ]);
    await end();
  });

  it('says the same of the same to the next leader, whatever its resource version', async () => {
    const states = async (...objects: readonly (RoleObject | BindingObject)[]) => {
      const { history, told, end } = leading(...objects);
      await told();
      await end();
      return history.recorded.map(({ state }) => state ?? expect.fail('no state'));
    };
    const bound = (subjects: readonly Subject[], version = '1') =>
      binding('leads', 'ClusterRole/approver', subjects, { namespace: 'team-a', version });
    const relabelled = [role('approver', [APPROVE, READ], { version: '2' }), bound([GROUP, USER], '2')];
    const before = await states(APPROVER, bound([GROUP, USER]));
    expect(await states(...relabelled)).toEqual(before);
    expect(await states(APPROVER, bound([GROUP, { ...USER, name: 'dan' }]))).toEqual(before);
    const [grants, binds] = await states(
      role('approver', [{ ...APPROVE, verbs: ['deny'] }]),
      bound([{ ...GROUP, name: 'others' }, USER]),
    );
    expect(before).not.toContain(grants);
    expect(before).not.toContain(binds);
  });

  it('ends with a role, and begins again with another one of its name', async () => {
    const { told, put, remove, end } = leading(APPROVER);
    await remove(APPROVER);
    await put(role('approver', [APPROVE], { uid: 'another' }));
    expect(await told()).toEqual([GRANTS, 'ClusterRole/approver deleted', GRANTS]);
    await end();
  });

  it('is a matter of the namespace for a Role, whose name means another one elsewhere', async () => {
    const mine = role('approver', [APPROVE], { namespace: 'team-a' });
    const theirs = role('approver', [READ], { namespace: 'team-b', uid: 'theirs' });
    const { told, put, end } = leading(mine, theirs);
    await put(binding('here', 'Role/approver', [GROUP], { namespace: 'team-a' }));
    await put(binding('there', 'Role/approver', [GROUP], { namespace: 'team-b' }));
    await put(binding('cluster', 'ClusterRole/approver', [GROUP], { namespace: 'team-a' }));
    expect(await told()).toEqual([
      'Role/approver grants approve, deny on every approvalpolicy',
      'RoleBinding/here binds Role/approver to group leads',
    ]);
    await end();
  });

  it('is told in a bounded number of words and persons', async () => {
    const many = Array.from({ length: 5_000 }, (_, number): Subject => ({
      kind: 'User',
      name: `u${number}`,
    }));
    const groups = many.map(({ name }): Subject => ({ kind: 'Group', name: `${name}\u202E` }));
    const { history, told, put, end } = leading(APPROVER);
    await put(binding('all', 'ClusterRole/approver', [...many, ...groups]));
    await told();
    const record = history.recorded.at(-1);
    expect(record?.persons).toHaveLength(100);
    // Others in the place of those that are left out are a change.
    expect(record?.state).toBeUndefined();
    expect(record?.summary.length).toBeLessThanOrEqual(2_000);
    expect(record?.summary).not.toContain('\u202E');
    await end();
  });
});

describe('what is kept of roles and bindings', () => {
  it('is little: no rule about other things, no label, no annotation', () => {
    const labels = { secret: 'hunter2' };
    const given = { ...APPROVER, metadata: { ...APPROVER.metadata, labels, annotations: labels } };
    expect(keepRole(given)).toEqual({ ...role('approver', [APPROVE]) });
    const bound = { ...LEADS, metadata: { ...LEADS.metadata, labels, annotations: labels } };
    expect(keepBinding(bound)).toEqual(LEADS);
  });

  it.each<[string, RoleObject | BindingObject]>([
    ['a role', { ...APPROVER, rules: null }],
    ['a binding', { ...LEADS, subjects: null }],
  ])('is nothing of %s without content', (_which, object) => {
    const kept = 'roleRef' in object ? keepBinding(object).subjects : keepRole(object).rules;
    expect(kept).toEqual([]);
  });
});
