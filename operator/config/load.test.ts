import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ConfigError } from '../../core/errors.ts';
import { loadSettings } from './load.ts';
import { flagName } from './settings.ts';

const directory = mkdtempSync(join(tmpdir(), 'settings-'));
afterAll(() => rmSync(directory, { recursive: true }));

function file(text: string): string {
  const path = join(directory, 'config.yaml');
  writeFileSync(path, text);
  return path;
}

describe('loadSettings', () => {
  it('has a default for everything', () => {
    expect(loadSettings({})).toMatchObject({
      metricsBindAddress: ':8080',
      healthProbeBindAddress: ':8081',
      webhookBindAddress: '0',
      leaderElect: false,
      watchNamespaces: [],
      defaultPolicy: true,
      logLevel: 'info',
      probe: { allowedCIDRs: [], refusedCIDRs: [], concurrency: 32 },
      clusterDNS: { podLabels: { 'k8s-app': 'kube-dns' } },
    });
  });

  it('lets a flag win over the file, and the file over the default', () => {
    const path = file('logLevel: debug\nconcurrency: 4\nprobe: {allowedCIDRs: [10.0.0.0/8]}');
    expect(loadSettings({ logLevel: 'warn' }, path)).toMatchObject({
      logLevel: 'warn',
      concurrency: 4,
      probe: { allowedCIDRs: ['10.0.0.0/8'], concurrency: 32 },
    });
  });

  it('reads booleans, numbers and lists from flags', () => {
    const settings = loadSettings({
      leaderElect: 'true',
      concurrency: '8',
      watchNamespaces: 'team-a, team-b',
    });
    expect(settings).toMatchObject({
      leaderElect: true,
      concurrency: 8,
      watchNamespaces: ['team-a', 'team-b'],
    });
  });

  it('reads an empty file as no settings', () => {
    expect(loadSettings({}, file('# nothing yet\n'))).toEqual(loadSettings({}));
  });

  it.each([
    ['a misspelt key', {}, 'loglevel: debug', 'unknown setting "loglevel"'],
    ['an unknown nested key', {}, 'probe: {timeout: 3}', 'probe: unknown setting "timeout"'],
    [
      'a value that is not offered',
      { logLevel: 'loud' },
      '',
      'logLevel: must be equal to one of the allowed values (error, warn, info, debug)',
    ],
    ['a boolean that is none', { leaderElect: 'yes' }, '', 'leaderElect: must be boolean'],
    ['a number that is none', { concurrency: 'many' }, '', 'concurrency: must be integer'],
    ['a number out of range', { concurrency: '0' }, '', 'concurrency: must be >= 1'],
    [
      'an address without a port',
      { metricsBindAddress: 'localhost' },
      '',
      'metricsBindAddress: localhost cannot be used. Where Prometheus metrics are served, at `/metrics`. Host and port, such as `:8080`',
    ],
    [
      'a webhook address without a port',
      { webhookBindAddress: '9443' },
      '',
      'webhookBindAddress: 9443 cannot be used. Where admission webhooks are served',
    ],
    [
      'a namespace that none can have',
      { watchNamespaces: 'Team_A' },
      '',
      'watchNamespaces.0: Team_A cannot be used. Name of a namespace: lower-case',
    ],
    ['a list instead of a mapping', {}, '- a', 'expected a mapping of settings'],
    ['broken YAML', {}, 'a: [', 'cannot read the configuration file'],
  ])('refuses %s, naming it', (_reason, flags, text, expected) => {
    const load = (): unknown => loadSettings(flags, file(text));
    expect(load).toThrow(ConfigError);
    expect(load).toThrow(expected);
  });

  it('names every problem at once', () => {
    expect(() => loadSettings({ logLevel: 'loud', concurrency: '0' })).toThrow(/logLevel.*; concurrency/);
  });

  it('names a file that is not there', () => {
    expect(() => loadSettings({}, '/nowhere/config.yaml')).toThrow('/nowhere/config.yaml');
  });
});

describe('flagName', () => {
  it.each([
    ['leaderElect', '--leader-elect'],
    ['metricsBindAddress', '--metrics-bind-address'],
    ['kubeconfig', '--kubeconfig'],
  ])('%s is %s', (key, expected) => {
    expect(flagName(key)).toBe(expected);
  });
});
