/**
 * Certificates rotate while the API server asks without a pause: no admission fails, and no connection breaks. One webhook makes the API
 * server shake hands for each admission, so that every certificate meets every bundle; the other is the operator's own server, and keeps its
 * connections.
 */
import { afterEach, beforeEach, expect, inject, it } from 'vitest';
import { systemClock, type Clock } from '../../core/clock.ts';
import { LIFETIMES, type Lifetimes } from '../../webhooks/certificates/index.ts';
import type { AllowAllWebhook } from '../harness/allow-all-webhook.ts';
import { CertificateFixture } from '../harness/certificate-fixture.ts';
import type { CertificateReplica } from '../harness/certificate-replica.ts';
import { waitFor } from '../harness/wait.ts';

const ROTATIONS = 3;
const DAY_MS = 86_400_000;
const SERVING_DUE_MS = 20 * DAY_MS;
const LIFETIMES_HERE: Lifetimes = {
  ...LIFETIMES,
  // Due when the third serving certificate is.
  caMs: 90 * DAY_MS,
  // The API server has the true time, and must accept now what is issued in years to come.
  backdateMs: 10 * 365 * DAY_MS,
  propagationMs: 500,
};

/** The machine's clock, but for the date, which the test moves on. */
interface MovableClock extends Clock {
  moveOn(ms: number): void;
}

function movableClock(): MovableClock {
  let aheadMs = 0;
  return {
    ...systemClock,
    now: () => new Date(systemClock.now().getTime() + aheadMs),
    moveOn: (ms) => {
      aheadMs += ms;
    },
  };
}

let world: CertificateFixture;
let clock: MovableClock;

beforeEach(async () => {
  world = await CertificateFixture.create(inject('kubeconfigPath'));
  clock = movableClock();
});
afterEach(() => world.stop());

const startLeader = (): Promise<CertificateReplica> => world.start({ clock, lifetimes: LIFETIMES_HERE });
const startStandby = (): Promise<CertificateReplica> => world.start({ leads: 'never' });

/** Lets days pass, and the leader notice. */
async function moveOn(ms: number): Promise<void> {
  clock.moveOn(ms);
  const annotations = { today: clock.now().toISOString() };
  await world.client.demand(
    'PATCH',
    world.secretPath,
    { metadata: { annotations } },
    'application/merge-patch+json',
  );
}

/** Waits until each replica serves another certificate than before `what`. */
async function newCertificate(
  replicas: readonly CertificateReplica[],
  what: () => Promise<void>,
): Promise<void> {
  const before = replicas.map(({ source }) => source.current());
  await what();
  await waitFor(() => replicas.every(({ source }, index) => source.current() !== before[index]), {
    description: 'a new certificate on every replica',
  });
}

/** Waits until every webhook's bundle has that many CAs. */
async function trustedCAs(count: number): Promise<void> {
  const has = (bundle: string): boolean => bundle.match(/BEGIN/g)?.length === count;
  await waitFor(async () => (await world.caBundles()).every(has), { description: `${count} trusted CAs` });
}

/** Waits until admissions have met what there is now. */
async function admissionsPass(webhook: AllowAllWebhook): Promise<void> {
  const enough = webhook.admissions() + 10;
  await waitFor(() => webhook.admissions() >= enough, { description: 'admissions' });
}

it('rotates serving certificates and CAs under load, whoever leads', { timeout: 180_000 }, async () => {
  const replicas = [await startStandby(), await startStandby()] as const;
  let leader = await startLeader();
  await waitFor(() => replicas.every(({ source }) => source.current() !== undefined), {
    description: 'certificates',
  });
  const shaking = await world.shake(replicas[0]);
  const keeping = await world.keep(replicas[1]);
  await world.configure(
    { name: 'shaking.example.com', port: shaking.port },
    { name: 'keeping.example.com', port: keeping.port },
  );
  await waitFor(async () => (await world.admission()) === '', { description: 'the first admission' });
  shaking.troubles.length = 0;
  const load = world.load(3);

  for (let rotation = 0; rotation < ROTATIONS; rotation += 1) {
    await admissionsPass(keeping);
    const { closed } = keeping.connections;
    for (let renewal = 0; renewal < 2; renewal += 1) {
      await newCertificate(replicas, () => moveOn(SERVING_DUE_MS));
      await admissionsPass(keeping);
    }
    expect(keeping.connections.closed, 'connections outlive the certificate that they began with').toBe(
      closed,
    );
    await newCertificate(replicas, async () => {
      await moveOn(SERVING_DUE_MS);
      await trustedCAs(2);
      // The next leader finds a rotation half done.
      const successor = startLeader();
      await leader.stop();
      leader = await successor;
    });
    await admissionsPass(shaking);
    await moveOn(LIFETIMES_HERE.overlapMs);
    await trustedCAs(1);
    await admissionsPass(shaking);
  }

  const { admissions, refusals } = await load.end();
  expect(refusals).toEqual([]);
  expect(admissions).toBeGreaterThan(100);
  expect([...shaking.troubles, ...keeping.connections.troubles]).toEqual([]);
  expect(shaking.shownCertificates.size).toBe(1 + 3 * ROTATIONS);
});
