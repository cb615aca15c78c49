/**
 * Published checksums, in the shapes the projects use: a bare digest (Kubernetes), `digest  file` lines of one file (Helm,
 * CoreDNS) or of a whole release (etcd).
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';

const SHA256 = /^[0-9a-f]{64}$/i;

/** The SHA-256 published for `fileName`, in lower case, or undefined when the text does not name it. */
export function publishedChecksum(text: string, fileName: string): string | undefined {
  for (const line of text.split('\n')) {
    const [digest = '', name] = line.trim().split(/\s+/);
    const names = name?.replace(/^[*]/, '').split('/').at(-1) ?? fileName;
    if (SHA256.test(digest) && names === fileName) return digest.toLowerCase();
  }
  return undefined;
}

/** The SHA-256 of a file's content, in lower case. */
export async function fileChecksum(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
