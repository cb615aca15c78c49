/**
 * `make demo-approval` on the cluster of `make demo`: what it prints, and what it leaves behind, looked at without it.
 */
import { beforeAll, expect, it } from 'vitest';
import type { ApprovalRequest, ComplianceCheck } from '../../../api/index.ts';
import { get, make, OPERATOR_NAMESPACE, type Outcome } from '../cluster.ts';
import { getServer } from '../servers.ts';

const NAMESPACE = 'mcp-approval-demo';
/** A quiet machine needs a minute and a half, one that does much else not twice as long. */
const STORY_MS = 240_000;

interface Listed<T> {
  readonly items: readonly T[];
}

interface Pod {
  readonly spec: {
    readonly containers: readonly {
      readonly securityContext?: { readonly readOnlyRootFilesystem?: boolean };
    }[];
  };
}

export function approvalScenario(): void {
  let told: Outcome;

  beforeAll(async () => {
    told = await make('demo-approval');
    // Without the story there is nothing to look at.
    expect(told.exitCode, told.output).toBe(0);
  });

  it('a failing check on a real server becomes a request, and kubectl describe shows the change', () => {
    expect(told.output).toMatch(
      /^ +medium +MCP-W06 .*: Whoever breaks into the container can change its programs\.\n +clock$/m,
    );
    expect(told.output).toMatch(/^NAME +PHASE +RISK +ACTION +TARGET +APPROVALS +EXPIRES +AGE /m);
    expect(told.output).toMatch(/^remediate-clock-[0-9a-f]{12}-1 +Pending +medium +Remediate +clock +0\/2 /m);
    expect(told.output).toMatch(/^.*- readOnlyRootFilesystem: false\n.*\+ readOnlyRootFilesystem: true$/m);
  });

  it('one approval is not enough, and nobody approves of what they changed or asked for', () => {
    expect(told.output).toMatch(/^remediate-clock-[0-9a-f]{12}-1 +Pending +medium +Remediate +clock +1\/2 /m);
    expect(told.output).toContain('it must be somebody of platform-leads');
    const [, changed, asked] = told.output.split(/denied the request:/);
    expect(changed).toContain('you changed the target since its last approved change');
    expect(asked).toContain('you asked for this, so that somebody else must approve');
  });

  it('the second approves: the pod is another one, and the check passes', async () => {
    expect(await rootsOf('clock')).toEqual([true]);
    const { status } = await get<ComplianceCheck>('mcpcc', 'read-only-root', '-n', NAMESPACE);
    expect(status).toMatchObject({ result: 'Compliant', score: 100, counts: { fail: 0, pass: 1 } });
    expect(await requestOf('clock')).toMatchObject({
      phase: 'Executed',
      decisions: expect.arrayContaining([
        expect.objectContaining({ person: 'bob', verb: 'approve' }),
        expect.objectContaining({ person: 'carol', verb: 'approve' }),
      ]),
    });
  });

  it('a fix that does not work is taken back: status, spec and pods are as before', async () => {
    const { phase, conditions = [], preImage } = await requestOf('journal');
    expect(phase).toBe('RolledBack');
    expect(conditions.find(({ type }) => type === 'RolledBack')).toMatchObject({
      reason: 'NotSettled',
      message: expect.stringContaining('CrashLooping'),
    });
    expect(Object.values(preImage?.values ?? {})).toEqual([false]);
    const { spec, status } = await getServer(NAMESPACE, 'journal');
    const [container] = spec.podTemplate?.spec?.containers ?? [];
    expect(container?.securityContext).toEqual({ readOnlyRootFilesystem: false });
    expect(status?.conditions).toContainEqual(expect.objectContaining({ type: 'Ready', status: 'True' }));
    expect(await rootsOf('journal')).toEqual([false]);
  });

  it('the ledger verifies against its checkpoints, tells who did what, and the operator runs again', async () => {
    expect(told.output).toMatch(/^LEDGER +Intact$/m);
    expect(told.output).toMatch(/^CHECKPOINTS +[1-9]\d*$/m);
    for (const phase of ['Executed', 'RolledBack'])
      expect(told.output).toMatch(
        new RegExp(`^PHASE +${phase}$[^]*?^DECISIONS +approve by (bob|carol), approve by`, 'm'),
      );
    expect(told.output.match(/ApprovalRefused +by alice$/gm)).toHaveLength(2);
    const { status } = await get<{ readonly status: { readonly readyReplicas?: number } }>(
      'deployment',
      'mcp-operator',
      '-n',
      OPERATOR_NAMESPACE,
    );
    expect(status.readyReplicas).toBe(1);
  });

  it('says how to go on and how to clean up, and takes its time in bounds', () => {
    expect(told.output).toContain(`kubectl get appol,apr,apd --namespace ${NAMESPACE}`);
    expect(told.output).toContain('make demo-down');
    expect(told.durationMs).toBeLessThan(STORY_MS);
  });
}

async function requestOf(server: string): Promise<NonNullable<ApprovalRequest['status']>> {
  const { items } = await get<Listed<ApprovalRequest>>('apr', '-n', NAMESPACE);
  const requests = items.filter(({ spec }) => spec.action.target.name === server);
  expect(requests).toHaveLength(1);
  return requests[0]?.status ?? {};
}

/** Whether the root of each pod of the server is read-only. */
async function rootsOf(server: string): Promise<readonly (boolean | undefined)[]> {
  const { items } = await get<Listed<Pod>>('pods', '-n', NAMESPACE, '-l', `mcp.kilocode.ai/server=${server}`);
  return items.map(({ spec }) => spec.containers[0]?.securityContext?.readOnlyRootFilesystem);
}
