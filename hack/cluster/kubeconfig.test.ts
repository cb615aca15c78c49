import { KubeConfig } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import { renderKubeconfig } from './kubeconfig.ts';

describe('renderKubeconfig', () => {
  it('is read back by the client library', () => {
    const config = new KubeConfig();
    config.loadFromString(
      renderKubeconfig({
        server: 'https://127.0.0.1:6443',
        authority: 'CA',
        user: 'alice',
        credentials: { certificate: 'CERT', key: 'KEY' },
      }),
    );
    expect(config.getCurrentCluster()).toMatchObject({
      server: 'https://127.0.0.1:6443',
      caData: base64('CA'),
    });
    expect(config.getCurrentUser()).toMatchObject({
      name: 'alice',
      certData: base64('CERT'),
      keyData: base64('KEY'),
    });
  });
});

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
