/** What the store alone appends to its ledger: requests that are opened, each in a transaction with its row, its entry and its message. */
import { randomUUID } from 'node:crypto';
import { opening, type ApprovalFence } from '../../../approval/index.ts';
import type { OpeningFacts } from '../../../approval/open.ts';
import { systemClock } from '../../../core/clock.ts';
import type { Store } from '../../../stores/index.ts';
import { forEachInFlight } from './concurrency.ts';

/** As many as the pool of a process has connections, by default. */
const WRITERS = 8;
const FENCE: ApprovalFence = { epoch: 1, writer: 'operator' };
/** Until connections are open and plans are known. */
const WARM_UP = 200;

/** @returns entries appended a second by {@link WRITERS} writers at once, over `count` of them. */
export async function appendsPerSecond(store: Store, count: number): Promise<number> {
  // The first write makes the store know its leader, and others would wait for that.
  await append(store, 1);
  await append(store, WARM_UP);
  const startedAtMs = systemClock.monotonicMs();
  await append(store, count);
  return (count * 1000) / (systemClock.monotonicMs() - startedAtMs);
}

async function append(store: Store, count: number): Promise<void> {
  await forEachInFlight(Array.from({ length: count }).keys(), WRITERS, async () => {
    const now = systemClock.now();
    const { row, event, messages } = opening(factsOf(randomUUID(), now), now);
    await store.openRequest(row, event, messages, FENCE);
  });
}

function factsOf(uid: string, now: Date): OpeningFacts {
  const path = '/spec/podTemplate/spec/containers/0/securityContext/readOnlyRootFilesystem';
  const operations = [
    { op: 'test', path, value: false },
    { op: 'replace', path, value: true },
  ] as const;
  const target = {
    apiVersion: 'mcp.kilocode.ai/v1alpha1',
    kind: 'MCPServer',
    name: 'server',
    uid,
    generation: 1,
  };
  return {
    requestUid: uid,
    namespace: 'bench',
    name: `request-${uid}`,
    createdAt: now.toISOString(),
    action: { kind: 'Remediate', target, parameters: { check: 'MCP-W06' } },
    plan: {
      effect: { kind: 'Patch', operations },
      risk: 'medium',
      summary: 'Makes the root file system of container server read-only.',
      diff: '-readOnlyRootFilesystem: false\n+readOnlyRootFilesystem: true\n',
      verifyChecks: ['MCP-W06'],
    },
    requestedBy: { person: 'alice', username: 'alice', uid: '' },
    initiators: [],
    unknownInitiators: false,
    policy: undefined,
    attempt: 1,
  };
}
