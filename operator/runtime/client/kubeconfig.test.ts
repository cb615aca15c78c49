import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigError } from '../../../core/errors.ts';
import { loadClusterAccess } from './kubeconfig.ts';

describe('cluster access', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
  });
  afterAll(() => rm(directory, { recursive: true }));

  const write = async (name: string, content: object | string): Promise<string> => {
    const path = join(directory, name);
    await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  };
  const kubeconfig = (user: object, cluster: object = {}, context: object = {}) => ({
    'current-context': 'here',
    clusters: [{ name: 'c', cluster: { server: 'https://10.0.0.1:6443/', ...cluster } }],
    users: [{ name: 'u', user }],
    contexts: [
      { name: 'here', context: { cluster: 'c', user: 'u', ...context } },
      { name: 'there', context: { cluster: 'c', user: 'u', namespace: 'elsewhere' } },
    ],
  });
  const base64 = (text: string): string => Buffer.from(text).toString('base64');

  it('reads inline certificates and relative paths', async () => {
    const path = await write(
      'mixed',
      kubeconfig(
        { 'client-certificate-data': base64('cert'), 'client-key': 'key.pem' },
        {
          'certificate-authority': 'ca.pem',
          'tls-server-name': 'kubernetes',
          'proxy-url': 'http://proxy:3128',
        },
        { namespace: 'team-a' },
      ),
    );
    const access = await loadClusterAccess({ path });
    expect(access).toMatchObject({
      server: 'https://10.0.0.1:6443',
      namespace: 'team-a',
      ca: { kind: 'file', path: join(directory, 'ca.pem') },
      tlsServerName: 'kubernetes',
      proxyUrl: 'http://proxy:3128',
      skipTLSVerify: false,
    });
    expect(access.user.clientKey).toEqual({ kind: 'file', path: join(directory, 'key.pem') });
    expect(access.user.clientCertificate?.kind).toBe('inline');
    expect(JSON.stringify(access)).not.toContain('cert"');
  });

  it('reads a token file at the key that kubectl knows', async () => {
    const path = await write('token-file', kubeconfig({ tokenFile: 'token' }));
    expect((await loadClusterAccess({ path })).user).toEqual({ tokenFile: join(directory, 'token') });
  });

  it('takes the context that was asked for', async () => {
    const path = await write('contexts', kubeconfig({ token: 't' }));
    expect((await loadClusterAccess({ path, context: 'there' })).namespace).toBe('elsewhere');
  });

  it('merges several files, the first to name something wins', async () => {
    const { users, ...rest } = kubeconfig({ token: 'first' });
    const first = await write('first', { users });
    const second = await write('second', { ...rest, users: [{ name: 'u', user: { token: 'second' } }] });
    const access = await loadClusterAccess({ env: { KUBECONFIG: [first, second].join(delimiter) } });
    expect(access.user.token?.reveal()).toBe('first');
    expect(access.server).toBe('https://10.0.0.1:6443');
  });

  it('uses the service account of a pod', async () => {
    const serviceAccountDirectory = join(directory, 'serviceaccount');
    await mkdir(serviceAccountDirectory);
    await writeFile(join(serviceAccountDirectory, 'namespace'), 'operators\n');
    const env = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };
    expect(await loadClusterAccess({ env, serviceAccountDirectory })).toEqual({
      server: 'https://[fd00::1]:443',
      namespace: 'operators',
      ca: { kind: 'file', path: join(serviceAccountDirectory, 'ca.crt') },
      skipTLSVerify: false,
      user: { tokenFile: join(serviceAccountDirectory, 'token') },
    });
  });

  it.each<[string, object | string, RegExp]>([
    ['no-current', { ...kubeconfig({}), 'current-context': '' }, /no current-context: set one or name one/],
    ['no-cluster', { ...kubeconfig({}), clusters: [] }, /no entry "c" in clusters/],
    ['no-user', { ...kubeconfig({}), users: [] }, /no entry "u" in users/],
    [
      'no-server',
      { ...kubeconfig({}), clusters: [{ name: 'c', cluster: {} }] },
      /clusters\[0\].cluster.server is missing/,
    ],
    [
      'removed',
      kubeconfig({ 'auth-provider': { name: 'gcp' } }),
      /user "u" uses auth-provider.*use an exec plugin/,
    ],
    ['not-yaml', '{', /cannot be used/],
    ['empty', '', /no current-context/],
  ])('says what is wrong with %s', async (name, content, message) => {
    const path = await write(name, content);
    const failure = loadClusterAccess({ path });
    await expect(failure).rejects.toThrow(message);
    await expect(failure).rejects.toThrow(ConfigError);
  });

  it('says which file is missing, and what a pod without an account lacks', async () => {
    await expect(loadClusterAccess({ path: join(directory, 'none') })).rejects.toThrow(
      /none cannot be used: ENOENT/,
    );
    const env = { KUBERNETES_SERVICE_HOST: '10.0.0.1' };
    await expect(loadClusterAccess({ env, serviceAccountDirectory: join(directory, 'no') })).rejects.toThrow(
      /set automountServiceAccountToken/,
    );
  });
});
