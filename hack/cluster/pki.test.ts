import { X509Certificate, createPrivateKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createAuthority, issue } from './pki.ts';

const now = new Date('2026-01-01T00:00:00Z');

describe('issue', () => {
  it('names user, groups and hosts where Kubernetes reads them', async () => {
    const authority = await createAuthority('test', now);
    const pair = await issue(
      authority,
      { commonName: 'alice', organizations: ['team-a', 'team-b'], hosts: ['localhost', '127.0.0.1'] },
      now,
    );
    const certificate = new X509Certificate(pair.certificate);
    expect(certificate.subject).toBe('O=team-a\nO=team-b\nCN=alice');
    expect(certificate.subjectAltName).toBe('DNS:localhost, IP Address:127.0.0.1');
    expect(certificate.ca).toBe(false);
  });
});

describe('createAuthority', () => {
  it('signs certificates that no other authority vouches for', async () => {
    const authority = await createAuthority('test', now);
    const stranger = await createAuthority('test', now);
    const pair = await issue(authority, { commonName: 'alice' }, now);
    const certificate = new X509Certificate(pair.certificate);
    expect(certificate.verify(new X509Certificate(authority.certificate).publicKey)).toBe(true);
    expect(certificate.verify(new X509Certificate(stranger.certificate).publicKey)).toBe(false);
    expect(certificate.checkPrivateKey(createPrivateKey(pair.key))).toBe(true);
    expect(new Date(certificate.validTo).getTime()).toBeGreaterThan(now.getTime());
  });
});
