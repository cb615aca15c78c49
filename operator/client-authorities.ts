/** The authorities that sign the API server's client certificate, from a file of the installation. */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ConfigError } from '../core/errors.ts';

const SETTING = 'webhookCertificates.clientCAFile';
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*(-----END CERTIFICATE-----)?/g;

/**
 * @param path of a PEM file; empty: no client certificate is asked for.
 * @returns its text, when every certificate in it can be read. TLS takes any text for authorities, and then answers nobody: webhooks that the API
 * server cannot ask refuse every write of ours.
 * @throws ConfigError naming the setting and what to do.
 */
export function readClientAuthorities(path: string): string | undefined {
  if (path === '') return undefined;
  const pem = readText(path);
  const certificates = pem.match(CERTIFICATE) ?? [];
  if (certificates.length === 0)
    throw new ConfigError(
      `${SETTING}: ${path} holds no PEM certificate: give it the authority that signed it`,
    );
  certificates.forEach((certificate, index) =>
    requireCertificate(certificate, `certificate ${index + 1} in ${path}`),
  );
  return pem;
}

function requireCertificate(pem: string, named: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw new ConfigError(`${SETTING}: ${named} cannot be read`, { cause });
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new ConfigError(`${SETTING}: cannot read ${path}`, { cause });
  }
}
