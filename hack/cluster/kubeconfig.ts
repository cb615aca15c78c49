/**
 * Kubeconfig files. JSON is YAML, so every client reads them.
 */
import { chmod, writeFile } from 'node:fs/promises';
import type { KeyPair } from './pki.ts';

/** What a kubeconfig says: where the API server is, whom to trust, and who the caller is. */
export interface KubeconfigContent {
  /** Such as `https://127.0.0.1:6443`. */
  readonly server: string;
  /** PEM. */
  readonly authority: string;
  readonly user: string;
  readonly credentials: KeyPair;
}

/** Renders a kubeconfig with one cluster, one user and one context. */
export function renderKubeconfig({ server, authority, user, credentials }: KubeconfigContent): string {
  const name = 'kilo-mcp';
  const content = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    contexts: [{ name, context: { cluster: name, user } }],
    clusters: [{ name, cluster: { server, 'certificate-authority-data': base64(authority) } }],
    users: [
      {
        name: user,
        user: {
          'client-certificate-data': base64(credentials.certificate),
          'client-key-data': base64(credentials.key),
        },
      },
    ],
  };
  return `${JSON.stringify(content, undefined, 2)}\n`;
}

/** Writes a file that only its owner may read. */
export async function writePrivate(path: string, content: string): Promise<void> {
  await writeFile(path, content, { mode: 0o600 });
  // The mode above counts for new files only.
  await chmod(path, 0o600);
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
