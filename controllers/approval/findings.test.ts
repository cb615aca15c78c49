import { describe, expect, it } from 'vitest';
import type { ApprovalRequest, MCPServer } from '../../api/index.ts';
import { digestOf, type Action, type ApprovalRow, type ApprovalStore } from '../../approval/index.ts';
import { planFor } from '../../approval/plan/index.ts';
import { aRow } from '../../approval/testing/rows.ts';
import { silentLogger } from '../../core/logger.ts';
import { FakeClock } from '../../core/testing/fake-clock.ts';
import {
  AlreadyExistsError,
  keyOf,
  type KubernetesClient,
  type KubernetesObject,
} from '../../operator/runtime/index.ts';
import { DEFAULT_RENDER_SETTINGS } from '../../render/index.ts';
import { aServer } from '../../render/testing/a-server.ts';
import { ApprovalFeed } from './feed.ts';
import { FindingsReconciler } from './findings.ts';
import { sourcesWith } from './testing/sources.ts';

const CONTEXT = { signal: new AbortController().signal, logger: silentLogger, reconcileID: '1' };
const SERVER: MCPServer = (() => {
  const server = aServer({ podTemplate: { spec: { securityContext: { runAsNonRoot: false } } } });
  return { ...server, metadata: { ...server.metadata, uid: 'uid-of-server', generation: 4 } };
})();

function setup(
  failures: readonly string[],
  previous: readonly ApprovalRow[] = [],
  there: readonly ApprovalRequest[] = [],
) {
  const clock = new FakeClock(Date.parse('2026-11-26T10:00:00Z'));
  const created: KubernetesObject[] = [];
  const client = {
    create: (_type: unknown, object: KubernetesObject) => {
      const isThere = [...there, ...created].some(({ metadata }) => metadata.name === object.metadata.name);
      if (isThere)
        return Promise.reject(
          new AlreadyExistsError({
            code: 409,
            message: 'exists',
            reason: 'AlreadyExists',
            causes: [],
            retryAfterMs: undefined,
          }),
        );
      created.push(object);
      return Promise.resolve(object);
    },
  };
  // A boundary: only this method is used.
  const store = { requestsFor: () => Promise.resolve(previous) } as unknown as ApprovalStore;
  const feed = new ApprovalFeed({
    store,
    ledgerHead: () => Promise.resolve(0),
    namespaces: [],
    clock,
    logger: silentLogger,
  });
  const reconciler = new FindingsReconciler({
    sources: sourcesWith({ server: SERVER, requests: there }),
    findings: { failuresOf: () => failures, watches: [] },
    feed,
    client: client as unknown as KubernetesClient,
    clock,
  });
  return { created, look: () => reconciler.reconcile(keyOf(SERVER), CONTEXT) };
}

describe('what is asked for by the operator', () => {
  it('is the repair of each failure that a plan can put right, once', async () => {
    const { created, look } = setup(['MCP-W03', 'MCP-S01']);
    expect(await look()).toEqual({ kind: 'done' });
    expect(created).toHaveLength(1);
    expect(created[0]).toMatchObject({
      kind: 'ApprovalRequest',
      metadata: {
        namespace: SERVER.metadata.namespace,
        name: expect.stringMatching(/^remediate-.*-[0-9a-f]{12}-1$/),
      },
      spec: {
        action: {
          kind: 'Remediate',
          parameters: { check: 'MCP-W03' },
          target: { uid: 'uid-of-server', generation: 4 },
        },
      },
    });
    expect(Object.keys(created[0]?.metadata ?? {}).toSorted()).toEqual(['name', 'namespace']);
    // Nobody has heard of it yet, but the name is taken.
    expect(await look()).toEqual({ kind: 'requeue', afterMs: 1_000 });
    expect(created).toHaveLength(1);
  });

  it.each<[string, (request: ApprovalRequest) => ApprovalRequest, readonly string[]]>([
    ['is there already, and not in the store yet', (request) => request, []],
    [
      'is taken by somebody for something else',
      ({ spec, ...request }) => ({
        ...request,
        spec: { action: { ...spec.action, parameters: { check: 'MCP-W04' } } },
      }),
      ['2'],
    ],
    ['ended in a store that is no more', (request) => ({ ...request, status: { phase: 'Executed' } }), ['2']],
  ])('is asked for again or not, when its name %s', async (_reason, change, numbers) => {
    const first = setup(['MCP-W03']);
    await first.look();
    // A boundary: it was made above.
    const request = change(first.created[0] as ApprovalRequest);
    const { created, look } = setup(['MCP-W03'], [], [request]);
    expect(await look()).toEqual({ kind: 'done' });
    expect(created.map(({ metadata }) => metadata.name.split('-').at(-1))).toEqual(numbers);
  });

  it('gives up for an hour where every name is taken', async () => {
    const first = setup(['MCP-W03']);
    await first.look();
    const name = first.created[0]?.metadata.name ?? '';
    const taken = Array.from({ length: 8 }, (_, index) => ({
      ...(first.created[0] as ApprovalRequest),
      metadata: { namespace: SERVER.metadata.namespace, name: name.replace(/1$/, String(index + 1)) },
      spec: { action: { ...(first.created[0] as ApprovalRequest).spec.action, kind: 'Quarantine' as const } },
    }));
    const { created, look } = setup(['MCP-W03'], [], taken);
    expect(await look()).toEqual({ kind: 'requeue', afterMs: 3_600_000 });
    expect(created).toEqual([]);
  });

  it('is nothing where nothing fails, or nothing can be planned', async () => {
    const { created, look } = setup(['MCP-S01', 'MCP-W04']);
    await look();
    expect(created).toEqual([]);
  });

  it.each<[string, Partial<ApprovalRow>, number, number | undefined]>([
    ['open', {}, 0, undefined],
    ['denied an hour ago', ended('Denied', 1), 0, (7 * 24 - 1) * 3_600_000],
    ['denied eight days ago', ended('Denied', 8 * 24), 1, undefined],
    ['expired half an hour ago', ended('Expired', 0.5), 0, 1_800_000],
    ['rolled back two hours ago', ended('RolledBack', 2), 1, undefined],
  ])('is asked for again or not, when the same is %s', async (_reason, changes, count, afterMs) => {
    const first = setup(['MCP-W03']);
    await first.look();
    const digest = digestOfRequest(first.created[0]);
    const before = aRow();
    const row = { ...before, derived: { ...before.derived, digest }, ...changes };
    const { created, look } = setup(['MCP-W03'], [row]);
    const result = await look();
    expect(created).toHaveLength(count);
    const expected =
      afterMs === undefined ? { kind: 'done' } : { kind: 'requeue', afterMs: Math.min(afterMs, 3_600_000) };
    expect(result).toEqual(expected);
    if (count > 0) expect(created[0]?.metadata.name).toMatch(/-2$/);
  });
});

function ended(phase: 'Denied' | 'Expired' | 'RolledBack', hours: number): Partial<ApprovalRow> {
  const at = new Date(Date.parse('2026-11-26T10:00:00Z') - hours * 3_600_000).toISOString();
  return { phase, conditions: [{ type: phase, reason: phase, message: '', at }] };
}

/** The digest of which the name shows the beginning. */
function digestOfRequest(object: KubernetesObject | undefined): string {
  // A boundary: it was made above.
  const { action } = (object as KubernetesObject & { spec: { action: Action } }).spec;
  const { namespace } = SERVER.metadata;
  const facts = {
    target: 'MCPServer',
    server: SERVER,
    namespace: { name: namespace, labels: { 'kubernetes.io/metadata.name': namespace } },
    settings: DEFAULT_RENDER_SETTINGS,
    managers: [],
    acceptedHash: undefined,
    isQuarantined: false,
  } as const;
  const planned = planFor(action, facts, new Date());
  if (planned.kind !== 'planned') throw new Error(planned.message);
  return digestOf(action, planned.plan.effect);
}
