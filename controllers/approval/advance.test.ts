import { describe, expect, it } from 'vitest';
import type { ApprovalDecision, MCPServer } from '../../api/index.ts';
import {
  decisionName,
  type AdmissionInterval,
  type ApprovalStore,
  type Transition,
} from '../../approval/index.ts';
import { aRow, later } from '../../approval/testing/rows.ts';
import { FakeClock } from '../../core/testing/fake-clock.ts';
import { aServer } from '../../render/testing/a-server.ts';
import { advance } from './advance.ts';
import type { ApprovalFeed } from './feed.ts';
import { OpenRows } from './rows.ts';
import { sourcesWith } from './testing/sources.ts';

const ROW = aRow();
const AT = later(60);
const WHOLE: AdmissionInterval = {
  fingerprint: 'whole',
  from: later(0).toISOString(),
  to: later(120).toISOString(),
};
const SERVER: MCPServer = (() => {
  const { name, uid, generation } = ROW.action.target;
  return { ...aServer({}), metadata: { namespace: ROW.namespace, name, uid, generation } };
})();
const DECISION: ApprovalDecision = {
  apiVersion: 'mcp.kilocode.ai/v1alpha1',
  kind: 'ApprovalDecision',
  metadata: {
    namespace: ROW.namespace,
    name: decisionName(ROW.requestUid, 'bob', 'approve'),
    uid: 'uid-of-decision',
    creationTimestamp: AT.toISOString(),
  },
  spec: {
    requestRef: { name: ROW.name, uid: ROW.requestUid },
    verb: 'approve',
    digest: ROW.derived.digest,
    reason: '',
    decidedBy: { username: 'bob' },
    decidedAt: AT.toISOString(),
    admissionUID: 'admitted',
  },
};

/** A look at {@link ROW}, so many milliseconds after bob approved it. @param readMs how long the store takes. */
async function look(afterMs: number, intervals: readonly AdmissionInterval[], readMs = 0) {
  const clock = new FakeClock(AT.getTime() + afterMs);
  const observed: number[] = [];
  const written: Transition[] = [];
  // A boundary: only these methods are used.
  const feed = {
    rows: new OpenRows(),
    read: async (call: (store: ApprovalStore) => unknown) => {
      await clock.advance(readMs);
      return call({ admissionIntervals: () => intervals } as unknown as ApprovalStore);
    },
    advance: (next: Transition) => {
      written.push(next);
      return Promise.resolve({ ...next.row, version: 2, ledgerSeq: 2 });
    },
  } as unknown as ApprovalFeed;
  const advanced = await advance(
    ROW,
    true,
    {
      feed,
      sources: sourcesWith({ server: SERVER, decisions: [DECISION] }),
      admission: {
        observeSince: (ms) => {
          observed.push(ms);
          return Promise.resolve();
        },
      },
      clock,
    },
    new AbortController().signal,
  );
  return { ...advanced, observed, written };
}

describe('a decision', () => {
  it('is counted once the whole second of it was observed, which is asked for', async () => {
    const { row, settlesInMs, observed, written } = await look(1_000, [WHOLE]);
    expect(observed).toEqual([AT.getTime() + 1_000, AT.getTime() + 1_000]);
    expect(row.approvals.have).toBe(1);
    expect(written).toHaveLength(1);
    expect(settlesInMs).toBeUndefined();
  });

  it('is looked at again when its second is over, and not before', async () => {
    const { row, settlesInMs, observed, written } = await look(400, []);
    expect([row, settlesInMs, observed, written]).toEqual([ROW, 600, [], []]);
  });

  it('is looked at again at once when its second ended while the store was asked', async () => {
    const { settlesInMs, observed } = await look(900, [], 200);
    expect([settlesInMs, observed]).toEqual([1, []]);
  });

  it('waits for the next look by the clock when the locks could not be looked at', async () => {
    const { row, settlesInMs } = await look(1_500, []);
    expect([row, settlesInMs]).toEqual([ROW, 10_000]);
  });
});
