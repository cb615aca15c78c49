/** Certificates of fixtures, by one authority that every probe of a fixture trusts. */
import type { ServerOptions } from 'node:https';
import { createAuthority, issue, type KeyPair } from '../../hack/cluster/pki.ts';
import type { CertificateFixture } from './check-fixture.ts';

const DAY_MS = 86_400_000;
const HOST = '127.0.0.1';

let authority: Promise<KeyPair> | undefined;

/** The certificate to trust. */
export async function trustedCertificate(): Promise<string> {
  return (await trustedAuthority()).certificate;
}

/** What a server is started with to show that certificate. */
export async function serverOptions(fixture: CertificateFixture): Promise<ServerOptions> {
  const { certificate: cert, key } = await keyPairOf(fixture);
  const { oldVersions } = fixture;
  if (oldVersions === undefined) return { cert, key };
  const old = { minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
  return { cert, key, ...old, ...(oldVersions === 'only' && { maxVersion: 'TLSv1.1' }) };
}

function trustedAuthority(): Promise<KeyPair> {
  authority ??= createAuthority('authority of the fixtures', new Date());
  return authority;
}

async function keyPairOf({
  hosts = [HOST],
  issuedDaysAgo = 0,
  signedBy,
}: CertificateFixture): Promise<KeyPair> {
  const issued = new Date(Date.now() - issuedDaysAgo * DAY_MS);
  if (signedBy === 'itself') return createAuthority(HOST, issued);
  const signer =
    signedBy === 'stranger' ? await createAuthority('a stranger', issued) : await trustedAuthority();
  return issue(signer, { commonName: 'fixture', hosts }, issued);
}
