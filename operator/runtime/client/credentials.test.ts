import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Secret } from '../../../core/secret.ts';
import { FakeClock } from '../../../core/testing/fake-clock.ts';
import { createCredentialSource, type Credentials } from './credentials.ts';
import type { ClusterAccess, UserAccess } from './kubeconfig.ts';
import { createConnectionPools } from './pools.ts';

describe('credentials', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'credentials-'));
  });
  afterAll(() => rm(directory, { recursive: true }));

  const access = (user: UserAccess): ClusterAccess => ({
    server: 'https://127.0.0.1:1',
    namespace: 'default',
    skipTLSVerify: false,
    user,
  });
  const authorizationOf = (credentials: Credentials) => credentials.authorization?.reveal();

  it('follow a token file that is rotated, without new connections', async () => {
    const tokenFile = join(directory, 'token');
    await writeFile(tokenFile, 'first\n');
    const clock = new FakeClock();
    const source = createCredentialSource(access({ tokenFile }), clock);
    const before = await source.current();
    await writeFile(tokenFile, 'second\n');
    expect(authorizationOf(await source.current())).toBe('Bearer first');
    await clock.advance(61_000);
    const after = await source.current();
    expect(authorizationOf(after)).toBe('Bearer second');
    expect(after.fingerprint).toBe(before.fingerprint);
  });

  it('are read again at once when they were refused', async () => {
    const tokenFile = join(directory, 'refused');
    await writeFile(tokenFile, 'old');
    const source = createCredentialSource(access({ tokenFile }), new FakeClock());
    await source.current();
    await writeFile(tokenFile, 'new');
    source.invalidate();
    expect(authorizationOf(await source.current())).toBe('Bearer new');
  });

  it('need new connections when the certificate changes', async () => {
    const path = join(directory, 'ca.crt');
    await writeFile(path, 'one');
    const clock = new FakeClock();
    const cluster: ClusterAccess = { ...access({}), ca: { kind: 'file', path } };
    const source = createCredentialSource(cluster, clock);
    const pools = createConnectionPools(cluster, source);
    const first = await pools.connect('requests');
    expect((await pools.connect('requests')).dispatcher).toBe(first.dispatcher);
    await clock.advance(61_000);
    expect((await pools.connect('requests')).dispatcher).toBe(first.dispatcher);
    await writeFile(path, 'two');
    await clock.advance(61_000);
    expect((await pools.connect('requests')).dispatcher).not.toBe(first.dispatcher);
    await pools.close();
  });

  it('come from an exec plugin, and are asked for again when refused', async () => {
    const script = `
      const fs = require('node:fs');
      const file = ${JSON.stringify(join(directory, 'calls'))};
      const calls = fs.existsSync(file) ? Number(fs.readFileSync(file)) + 1 : 1;
      fs.writeFileSync(file, String(calls));
      console.log(JSON.stringify({ status: { token: 'call-' + calls } }));`;
    const execUser = { name: 'plugin', exec: { command: process.execPath, args: ['-e', script] } };
    const source = createCredentialSource(access({ execUser }), new FakeClock());
    expect(authorizationOf(await source.current())).toBe('Bearer call-1');
    expect(authorizationOf(await source.current())).toBe('Bearer call-1');
    source.invalidate();
    expect(authorizationOf(await source.current())).toBe('Bearer call-2');
  });

  it('that cannot be had name the file or the user, and are tried again', async () => {
    const tokenFile = join(directory, 'late');
    const source = createCredentialSource(access({ tokenFile }), new FakeClock());
    await expect(source.current()).rejects.toThrow(`credentials file ${tokenFile} cannot be read`);
    await writeFile(tokenFile, 'here');
    expect(authorizationOf(await source.current())).toBe('Bearer here');
    const execUser = { name: 'broken', exec: { command: process.execPath, args: ['-e', 'process.exit(3)'] } };
    const failing = createCredentialSource(access({ execUser }), new FakeClock());
    await expect(failing.current()).rejects.toThrow(/exec plugin of user "broken" failed/);
  });

  it('do not show in a log line', async () => {
    const source = createCredentialSource(access({ token: new Secret('hidden') }), new FakeClock());
    expect(JSON.stringify(await source.current())).not.toContain('hidden');
  });
});
