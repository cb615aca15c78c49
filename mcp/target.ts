/** Checks of a target that need no network: what cannot be asked politely is refused before anything is sent. */
import { X509Certificate } from 'node:crypto';
import { validateHeaderName, validateHeaderValue } from 'node:http';
import { failure } from './failure.ts';
import type { ProbeTarget } from './types.ts';

/** Headers that frame the request or say where it goes: setting them would change which server is asked. */
const OWN_HEADERS: ReadonlySet<string> = new Set([
  'host',
  'connection',
  'content-length',
  'content-type',
  'accept',
  'accept-encoding',
  'transfer-encoding',
  'upgrade',
  'te',
  'trailer',
  'expect',
  'mcp-session-id',
  'mcp-protocol-version',
]);

/**
 * @returns the URL to ask.
 * @throws ProbeStop InvalidTarget naming what is wrong with the URL, a header or the CA; a header's value is never named.
 */
export function parseTarget(target: ProbeTarget): URL {
  if (!URL.canParse(target.url))
    throw failure('InvalidTarget', 'the URL is not valid: use http:// or https://');
  const url = new URL(target.url);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw failure('InvalidTarget', 'the URL must start with http:// or https://');
  }
  if (url.username !== '' || url.password !== '') {
    throw failure('InvalidTarget', 'the URL must not carry credentials: send them in a header');
  }
  if (target.ca !== undefined) checkCertificates(target.ca);
  url.hash = '';
  for (const [name, value] of Object.entries(target.headers ?? {})) checkHeader(name, value);
  return url;
}

function checkHeader(name: string, value: string): void {
  if (OWN_HEADERS.has(name.toLowerCase())) {
    throw failure('InvalidTarget', `the header ${name.toLowerCase()} is the probe's own`);
  }
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
  } catch {
    // The error quotes the value, which is often a credential: it goes no further.
    throw failure('InvalidTarget', 'a header has a name or value that HTTP does not allow');
  }
}

/** Node ignores a bundle that it cannot read, and would then trust nobody without saying why. */
function checkCertificates(bundle: string): void {
  try {
    // Reads the first certificate only, which tells a bundle from something else.
    void new X509Certificate(bundle);
  } catch (error) {
    throw failure('InvalidTarget', 'the CA is not a certificate in PEM', error);
  }
}
