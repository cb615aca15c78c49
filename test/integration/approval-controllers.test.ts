/**
 * Requests for approval against a real API server and a real PostgreSQL: real roles decide who may decide, and what is asserted is what people see in
 * the cluster and what the store holds.
 */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { ApprovalConflictError, begin } from '../../approval/index.ts';
import { APPROVAL_REQUEST } from '../../controllers/decisions/index.ts';
import {
  ALICE,
  ApprovalWorld,
  AUTOMATIC,
  BOB,
  CAROL,
  EXECUTOR,
  MALLORY,
  TWO,
  actionOn,
  reasonOf,
} from '../harness/approval-world.ts';

let world: ApprovalWorld;

beforeAll(async () => {
  world = await ApprovalWorld.create(inject('kubeconfigPath'));
  await world.start();
  await world.protectedNow();
}, 120_000);
afterAll(() => world.stop());

describe('a request for approval', () => {
  it('says exactly what would be done, waits for two persons, and is approved by them', async () => {
    const name = await world.ask(await world.server(MALLORY));
    const pending = await world.reaches(name, 'Pending');
    expect(pending).toMatchObject({
      waiting: 'QuorumNotMet',
      attempt: 1,
      derived: {
        effect: 'Patch',
        digest: expect.stringMatching(/^sha256:/),
        requestedBy: { person: ALICE.username },
        initiators: [{ person: MALLORY.username }],
      },
      approvals: { have: 0, need: 2, missing: ['platform-leads'], summary: '0/2' },
    });
    expect(reasonOf(pending, 'Accepted')).toBe('Accepted');
    expect(reasonOf(pending, 'Recorded')).toBe('Recorded');
    await world.decide(name, 'approve', BOB);
    const half = await world.shows(name, ({ approvals }) => approvals?.have === 1, 'half approved');
    expect(half.phase).toBe('Pending');
    await world.decide(name, 'approve', CAROL);
    const approved = await world.reaches(name, 'Approved');
    expect(approved.decisions?.map(({ person }) => person)).toEqual([BOB.username, CAROL.username]);
    expect(reasonOf(approved, 'Approved')).toBe('QuorumMet');
    await world.tells(`ApprovalRequest/${name}: Pending`);
    await world.tells(`ApprovalRequest/${name}: Approved`);
    expect(await world.row(name)).toMatchObject({ phase: 'Approved', ledgerSeq: approved.ledgerSeq });
    expect(await world.controllers.metrics.metrics()).toContain('mcp_approval_requests{phase="Approved"} 1');
  });

  it('has no policy, and waits, until one matches', async () => {
    const server = await world.server(MALLORY);
    const name = await world.ask(server, ALICE, actionOn(server, { kind: 'Quarantine', parameters: {} }));
    expect(await world.reaches(name, 'Pending')).toMatchObject({
      waiting: 'NoPolicy',
      approvals: { need: 0 },
    });
    await world.policy('quarantines', { match: { actionKinds: ['Quarantine'] }, quorum: { approvals: 1 } });
    const bound = await world.shows(name, ({ waiting }) => waiting === 'QuorumNotMet', 'bound');
    expect(bound.derived?.policy?.quorum.approvals).toBe(1);
    await world.decide(name, 'approve', BOB);
    await world.reaches(name, 'Approved');
    await world.removePolicy('quarantines');
  });

  it.each([
    ['weakened', 1],
    ['made stricter', 5],
  ])('goes by the policy as it was, though it is %s in flight', async (_how, approvals) => {
    const name = await world.pending(await world.server(MALLORY));
    await world.policy('main', { ...TWO, quorum: { approvals } });
    const other = await world.pending(await world.server(MALLORY));
    expect((await world.status(other)).approvals?.need).toBe(approvals);
    await world.decide(name, 'approve', BOB);
    const half = await world.shows(name, ({ approvals }) => approvals?.have === 1, 'half approved');
    expect(half).toMatchObject({ phase: 'Pending', approvals: { need: 2 } });
    await world.decide(name, 'approve', CAROL);
    await world.reaches(name, 'Approved');
    await world.policy('main', TWO);
  });

  it('needs one approval more where a program changed the target', async () => {
    const program = { username: 'system:serviceaccount:argocd:argocd-application-controller' };
    const name = await world.pending(await world.server(program));
    expect(await world.status(name)).toMatchObject({
      derived: { unknownInitiators: true },
      approvals: { need: 3 },
    });
  });

  it('is superseded when the target is edited', async () => {
    const server = await world.server(MALLORY);
    const name = await world.pending(server);
    const edit = '{"spec":{"replicas":3}}';
    await world.kubectl(['patch', 'mcpserver', server.metadata.name, '--type=merge', '-p', edit]);
    expect(reasonOf(await world.reaches(name, 'Superseded'), 'Superseded')).toBe('TargetChanged');
  });

  it('is superseded by a newer one for the same', async () => {
    const server = await world.server(MALLORY);
    const first = await world.pending(server);
    // Creations are stamped in whole seconds.
    const { creationTimestamp = '' } = (await world.request(first)).metadata;
    await world.sees(async () => Date.now() > Date.parse(creationTimestamp) + 1_000, 'another second');
    const second = await world.ask(server);
    expect(reasonOf(await world.reaches(first, 'Superseded'), 'Superseded')).toBe('NewerRequest');
    expect((await world.reaches(second, 'Pending')).attempt).toBe(2);
  });

  it('is denied by one veto, and the very same is not asked again', async () => {
    const server = await world.server(MALLORY);
    const name = await world.pending(server);
    await world.decide(name, 'deny', BOB);
    await world.reaches(name, 'Denied');
    const again = await world.ask(server);
    await world.shows(again, (status) => reasonOf(status, 'Accepted') === 'DeniedBefore', 'refused');
  });

  it('is withdrawn by a denial before it is executed, and cannot be afterwards', async () => {
    const name = await world.pending(await world.server(MALLORY));
    await world.approve(name);
    await world.decide(name, 'deny', CAROL);
    expect(reasonOf(await world.reaches(name, 'Denied'), 'Denied')).toBe('WithdrawnByDenial');
    const late = await world.pending(await world.server(MALLORY));
    await world.approve(late);
    const row = await world.row(late);
    // What the other process writes shows here, and a denial changes nothing any more.
    await world.begin(late);
    await world.decide(late, 'deny', CAROL);
    const { events } = begin(row, undefined, new Date());
    const again = world.store.advanceRequest(row, events, [], EXECUTOR);
    await expect(again).rejects.toThrow(ApprovalConflictError);
    // By now the denial has been seen: one that came after it was.
    const other = await world.pending(await world.server(MALLORY));
    await world.decide(other, 'deny', CAROL);
    await world.reaches(other, 'Denied');
    expect((await world.status(late)).phase).toBe('Executing');
  });

  it('is cancelled by who asked for it, and when it is deleted; nothing holds the object', async () => {
    const name = await world.pending(await world.server(MALLORY));
    await world.decide(name, 'cancel', ALICE);
    expect(reasonOf(await world.reaches(name, 'Cancelled'), 'Cancelled')).toBe('CancelledByPerson');
    const deleted = await world.pending(await world.server(MALLORY));
    const { uid = '', ...metadata } = (await world.request(deleted)).metadata;
    expect(Object.keys(metadata)).not.toContain('finalizers');
    expect(Object.keys(metadata)).not.toContain('ownerReferences');
    await world.remove(APPROVAL_REQUEST, deleted);
    const phaseOf = async () => (await world.store.request(uid))?.phase;
    await world.sees(async () => (await phaseOf()) === 'Cancelled', 'the row to be cancelled');
  });

  it('runs without a human where every policy says so, and is recorded all the same', async () => {
    await world.policy('main', AUTOMATIC);
    const name = await world.ask(await world.server(MALLORY));
    expect(reasonOf(await world.reaches(name, 'Approved'), 'Approved')).toBe('Automatic');
    const entries = await world.store.entriesOf((await world.request(name)).metadata.uid ?? '');
    expect(entries.map(({ phase }) => phase)).toEqual(['Pending', 'Approved']);
    await world.policy('main', TWO);
  });

  it('has its status put right when somebody else writes it', async () => {
    const name = await world.pending(await world.server(MALLORY));
    const forged = '{"status":{"phase":"Approved"}}';
    await world.kubectl([
      'patch',
      'approvalrequest',
      name,
      '--subresource=status',
      '--type=merge',
      '-p',
      forged,
    ]);
    await world.reaches(name, 'Pending');
    expect((await world.row(name)).phase).toBe('Pending');
  });
});
