/**
 * A model of everybody who takes part in a rotation: what is stored, two configurations, two API servers and two replicas that hear of
 * it late, and a leader that may end between any two writes. Time is true time; everybody's clock differs from it.
 */
import type { X509Certificate } from 'node:crypto';
import { carryOut } from '../carry-out.ts';
import { decideCertificates } from '../decide.ts';
import { LIFETIMES } from '../lifetimes.ts';
import { caBundleOf, PublicationMemory } from '../publication.ts';
import { holdsAt, issuerAmong, readServing, trustedCAs, type StoredCertificates } from '../stored.ts';
import { at, DAY_MS, fresh, HOUR_MS, SERVICE, step } from './certificates.ts';

/** Where a leader's life ends, if it does. */
export const CRASHES = [
  'nowhere',
  'before storing',
  'before publishing',
  'between the configurations',
] as const;
export type Crash = (typeof CRASHES)[number];

/** How late everybody hears at most. */
const API_SERVER_LAG_MS = LIFETIMES.propagationMs;
const REPLICA_LAG_MS = 20 * HOUR_MS;
/** Somebody leads, and has a look, at least this often: the latter while the CA changes, seldom enough for things to happen meanwhile. */
const LOOK_EVERY_MS = 8 * DAY_MS;
const LOOK_EVERY_IN_ROTATION_MS = DAY_MS;

/** What somebody has heard of something that changes. */
class View<T> {
  heard: T;
  readonly #maxLagMs: number;
  #lateSinceMs: number | undefined;

  constructor(heard: T, maxLagMs: number) {
    this.heard = heard;
    this.#maxLagMs = maxLagMs;
  }

  changed(nowMs: number): void {
    this.#lateSinceMs ??= nowMs;
  }

  /** When it hears at the latest. */
  get dueMs(): number {
    return (this.#lateSinceMs ?? Number.POSITIVE_INFINITY) + this.#maxLagMs;
  }

  hear(truth: T): void {
    this.heard = truth;
    this.#lateSinceMs = undefined;
  }
}

/** @see module header. Begins on the day on which a CA that everybody knows is due, with a serving certificate as old as a week. */
export class World {
  nowMs = 0;
  stored: StoredCertificates = step({ ...fresh(at(-244 * DAY_MS)), cert: '' }, at(-7 * DAY_MS));
  published: readonly [string, string];
  /** Kinds of the steps that were taken. */
  readonly steps: string[] = [];
  readonly #apiServers: readonly View<readonly string[]>[];
  readonly #replicas: readonly View<StoredCertificates>[];
  readonly #apiServerSkewsMs: readonly number[];
  #leaderSkewMs = 0;
  #memory = new PublicationMemory();
  #lookedAtMs = 0;

  constructor(apiServerSkewsMs: readonly number[]) {
    const bundle = caBundleOf(this.stored, at(0)) ?? '';
    this.published = [bundle, bundle];
    this.#apiServerSkewsMs = apiServerSkewsMs;
    this.#apiServers = apiServerSkewsMs.map(() => new View(this.published, API_SERVER_LAG_MS));
    this.#replicas = [0, 1].map(() => new View(this.stored, REPLICA_LAG_MS));
  }

  /** Another leader, which remembers nothing. */
  lead(skewMs: number): void {
    this.#leaderSkewMs = skewMs;
    this.#memory = new PublicationMemory();
  }

  /** One look of the leader. @returns whether there was nothing to do. */
  look(crash: Crash): boolean {
    // Who ends before the work is done has not looked: the next leader is not late because of it.
    if (crash === 'nowhere') this.#lookedAtMs = this.nowMs;
    const now = at(this.nowMs + this.#leaderSkewMs);
    const context = { service: SERVICE, lifetimes: LIFETIMES, now };
    const { stored } = this;
    const decision = decideCertificates({ ...context, stored, publishedForMs: this.#publishedForMs(now) });
    if (decision.kind === 'keep') return !this.#publish(now, crash);
    if (crash === 'before storing') this.lead(this.#leaderSkewMs);
    else {
      this.steps.push(decision.kind);
      this.#store(carryOut(decision, stored, context));
      this.#publish(now, crash);
    }
    return false;
  }

  /** Somebody hears now what they might have heard later: an API server, or a replica. */
  hear(who: number): void {
    const isApiServer = who < this.#apiServers.length;
    if (isApiServer) this.#apiServers[who]?.hear(this.published);
    else this.#replicas[who - this.#apiServers.length]?.hear(this.stored);
  }

  /** Lets time pass, and everybody do what they do in time. `onMoment` is called whenever something may have happened. */
  wait(ms: number, onMoment: () => void): void {
    const endMs = this.nowMs + ms;
    while (this.nowMs < endMs) {
      const dueMs = [...this.#apiServers, ...this.#replicas].map((view) => view.dueMs);
      this.nowMs = Math.max(this.nowMs, Math.min(endMs, this.#lookAtMs(), ...dueMs));
      this.#hearInTime();
      onMoment();
      if (this.nowMs < this.#lookAtMs()) continue;
      while (!this.look('nowhere')) onMoment();
    }
  }

  /** @returns what some API server would say against some replica's certificate. */
  problem(): string | undefined {
    return this.#apiServers
      .flatMap(({ heard }, index) => {
        const now = at(this.nowMs + (this.#apiServerSkewsMs[index] ?? 0));
        return this.#replicas.flatMap((replica) =>
          heard.map((bundle) => refusal(bundle, replica.heard, now)),
        );
      })
      .find((text) => text !== undefined);
  }

  /** How many CAs are trusted by what is stored. */
  get cas(): number {
    return this.stored.ca.match(/BEGIN/g)?.length ?? 0;
  }

  #lookAtMs(): number {
    return this.#lookedAtMs + (this.cas > 1 ? LOOK_EVERY_IN_ROTATION_MS : LOOK_EVERY_MS);
  }

  #publishedForMs(now: Date): number | undefined {
    const bundle = caBundleOf(this.stored, now);
    const isPublished = this.published.every((published) => published === bundle);
    return this.#memory.publishedForMs(isPublished ? bundle : undefined, this.nowMs);
  }

  #store(stored: StoredCertificates): void {
    this.stored = stored;
    for (const replica of this.#replicas) replica.changed(this.nowMs);
  }

  /** @returns whether it wrote, or would have. */
  #publish(now: Date, crash: Crash): boolean {
    const bundle = caBundleOf(this.stored, now) ?? '';
    if (this.published.every((published) => published === bundle)) return false;
    if (crash !== 'before publishing') {
      this.published =
        crash === 'between the configurations' ? [bundle, this.published[1]] : [bundle, bundle];
      for (const apiServer of this.#apiServers) apiServer.changed(this.nowMs);
    }
    if (crash !== 'nowhere') this.lead(this.#leaderSkewMs);
    return true;
  }

  #hearInTime(): void {
    for (const view of this.#apiServers) if (view.dueMs <= this.nowMs) view.hear(this.published);
    for (const view of this.#replicas) if (view.dueMs <= this.nowMs) view.hear(this.stored);
  }
}

/** Signatures do not change, and take long to check. */
const verdicts = new Map<string, Verdict>();

/** What is wrong with a certificate at any time, or the certificates whose dates decide. */
type Verdict = string | readonly X509Certificate[];

/** What an API server that trusts `bundle` says of this certificate when its clock says `now`. */
function refusal(bundle: string, serving: StoredCertificates, now: Date): string | undefined {
  const id = bundle + serving.cert;
  const verdict = verdicts.get(id) ?? examine(bundle, serving);
  verdicts.set(id, verdict);
  if (typeof verdict === 'string') return verdict;
  return verdict.every((certificate) => holdsAt(certificate, now)) ? undefined : 'it does not hold';
}

function examine(bundle: string, serving: StoredCertificates): Verdict {
  const certificate = readServing(serving, SERVICE);
  if (typeof certificate === 'string') return certificate;
  const ca = Buffer.from(bundle, 'base64').toString();
  // At a time at which all of them hold: what holds when is for the caller to say.
  const then = new Date(certificate.validToDate.getTime() - DAY_MS);
  const issuer = issuerAmong(trustedCAs({ ...serving, ca }, then), certificate);
  return issuer === undefined ? 'it is not trusted' : [certificate, issuer];
}
