/** From a decision to the Secret's next content. New keys and certificates are made here and nowhere else. */
import type { CertificateDecision } from './decide.ts';
import { issueCA, issueServing, type KeyPair, type Validity } from './issue.ts';
import type { Lifetimes } from './lifetimes.ts';
import { dnsNamesOf, type ServiceName } from './names.ts';
import type { StoredCertificates } from './stored.ts';

/** A decision that changes something. */
export type CertificateStep = Exclude<CertificateDecision, { kind: 'keep' }>;

/** What certificates are made for. */
export interface IssueContext {
  readonly service: ServiceName;
  readonly lifetimes: Lifetimes;
  readonly now: Date;
}

/** @returns what is to be stored in the place of `stored`. */
export function carryOut(
  step: CertificateStep,
  stored: StoredCertificates,
  context: IssueContext,
): StoredCertificates {
  if (step.kind === 'dropCA') return { ...stored, ca: step.keep };
  if (step.kind === 'issueServing')
    return { ...stored, ...newServing({ certificate: step.ca, key: stored.caKey }, context) };
  const { certificate, key } = newCA(context);
  if (step.kind === 'rotateCA') return { ...stored, ca: step.keep + certificate, caKey: key };
  return { ca: certificate, caKey: key, ...newServing({ certificate, key }, context) };
}

function newCA({ lifetimes, now }: IssueContext): KeyPair {
  return issueCA(validity(now, lifetimes, lifetimes.caMs));
}

function newServing(
  ca: KeyPair,
  { service, lifetimes, now }: IssueContext,
): Pick<StoredCertificates, 'cert' | 'key'> {
  const { certificate, key } = issueServing(
    ca,
    dnsNamesOf(service),
    validity(now, lifetimes, lifetimes.servingMs),
  );
  return { cert: certificate, key };
}

function validity(now: Date, { backdateMs }: Lifetimes, lifetimeMs: number): Validity {
  return {
    notBefore: new Date(now.getTime() - backdateMs),
    notAfter: new Date(now.getTime() + lifetimeMs),
  };
}
