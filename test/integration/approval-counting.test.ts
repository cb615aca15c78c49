/**
 * Which decisions do not count, whatever admission let through: against a real API server, which is asked again who may decide, and a real PostgreSQL.
 */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { APPROVAL_REQUEST } from '../../controllers/decisions/index.ts';
import type { TestUser } from '../harness/approval-objects.ts';
import { ALICE, ApprovalWorld, BOB, CAROL, MALLORY, TWO } from '../harness/approval-world.ts';

let world: ApprovalWorld;

beforeAll(async () => {
  world = await ApprovalWorld.create(inject('kubeconfigPath'));
  await world.start();
  await world.protectedNow();
}, 120_000);
afterAll(() => world.stop());

describe('a decision does not count', () => {
  it.each<[string, TestUser, object, string]>([
    ['without the verb', MALLORY, {}, 'NotAuthorised'],
    ['of who asked', ALICE, {}, 'SeparationOfDuties'],
    ['on another digest', BOB, { digest: `sha256:${'0'.repeat(64)}` }, 'DigestMismatch'],
  ])('that approves %s, and the request says why', async (_whose, by, overrides, why) => {
    const name = await world.pending(await world.server(), ALICE);
    await world.decide(name, 'approve', by, overrides);
    expect(await world.disregards(name, why)).toMatchObject({ phase: 'Pending', approvals: { have: 0 } });
  });

  it.each<[string, TestUser, object, string]>([
    ['of who asked', ALICE, {}, 'SeparationOfDuties'],
    ['on another digest', CAROL, { digest: `sha256:${'0'.repeat(64)}` }, 'DigestMismatch'],
  ])('that overrides %s: it lifts quorum and freeze alone', async (_whose, by, overrides, why) => {
    const name = await world.pending(await world.server(MALLORY), ALICE);
    await world.decide(name, 'override', by, overrides);
    expect(await world.disregards(name, why)).toMatchObject({ phase: 'Pending' });
  });

  it('of whoever changed the target, though somebody changed a label since', async () => {
    const server = await world.server(BOB, CAROL);
    await world.kubectl(['label', 'mcpserver', server.metadata.name, 'harmless=yes']);
    const name = await world.pending(server);
    await world.decide(name, 'approve', BOB);
    await world.disregards(name, 'SeparationOfDuties');
  });

  it('that was made on an earlier request of the same name', async () => {
    const server = await world.server(MALLORY);
    const name = await world.pending(server);
    const earlier = await world.request(name);
    await world.remove(APPROVAL_REQUEST, name);
    const { apiVersion, kind, metadata, spec } = earlier;
    const { annotations, namespace } = metadata;
    await world.create({ apiVersion, kind, metadata: { name, namespace, annotations }, spec });
    await world.reaches(name, 'Pending');
    // The same digest, the same people, the same name: everything but the uid.
    const requestRef = { name, uid: earlier.metadata.uid };
    const { derived } = await world.status(name);
    expect(derived?.digest).toBe(earlier.status?.derived?.digest);
    await world.decide(name, 'approve', BOB, { requestRef });
    await world.decide(name, 'approve', CAROL);
    const status = await world.shows(name, ({ approvals }) => approvals?.have === 1, 'approved by one');
    expect(status).toMatchObject({ phase: 'Pending', decisions: [{ person: CAROL.username }] });
  });

  it('of a program, unless a policy lists it, and then never alone', async () => {
    const bot = {
      username: `system:serviceaccount:${world.namespace}:bot`,
      groups: ['system:serviceaccounts'],
    };
    const unlisted = await world.pending(await world.server(MALLORY));
    await world.decide(unlisted, 'approve', bot);
    await world.disregards(unlisted, 'ServiceAccount');
    const { match } = TWO;
    await world.policy('main', { match, quorum: { approvals: 1 }, allowServiceAccounts: [bot.username] });
    const name = await world.pending(await world.server(MALLORY));
    await world.decide(name, 'approve', bot);
    const counted = await world.shows(name, ({ decisions = [] }) => decisions.length === 1, 'counted');
    expect(counted).toMatchObject({ phase: 'Pending', approvals: { have: 0, need: 1 } });
    await world.decide(name, 'approve', BOB);
    await world.reaches(name, 'Approved');
    await world.policy('main', TWO);
  });

  it('of a time in which the lock was away, though it is back', async () => {
    const name = await world.pending(await world.server(MALLORY));
    await world.unlock();
    await world.decide(name, 'approve', BOB);
    await world.lock();
    await world.disregards(name, 'UnprotectedAdmission');
    await world.tells(`ApprovalRequest/${name}: DecisionDisregarded`);
    await world.protectedNow();
    await world.decide(name, 'approve', CAROL);
    const status = await world.shows(name, ({ approvals }) => approvals?.have === 1, 'approved by one');
    expect(status.phase).toBe('Pending');
  });
});
