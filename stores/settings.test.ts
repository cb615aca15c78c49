import { describe, expect, it } from 'vitest';
import { Ajv } from 'ajv';
import { ConfigError } from '../core/errors.ts';
import { checkStoreSettings, storeAddress, StoreSettingsSchema, type StoreSettings } from './settings.ts';

/** Complete settings: the schema's defaults, and these over them. */
function settings(overrides: object): StoreSettings {
  const value = structuredClone(overrides);
  new Ajv({ useDefaults: true, strict: false }).validate(StoreSettingsSchema, value);
  // A boundary: the schema has filled in what is missing.
  return value as StoreSettings;
}

describe('checkStoreSettings', () => {
  it.each([
    ['no store', {}],
    ['a host', { mode: 'External', host: 'db', user: 'app' }],
    ['a URL', { mode: 'External', url: 'postgres://db:6432/history', userFile: '/user' }],
    ['a role for migrations', { mode: 'External', host: 'db', user: 'app', migration: { user: 'owner' } }],
    ['a directory', { mode: 'Embedded', directory: '/data' }],
  ])('takes %s', (_reason, value) => {
    expect(() => checkStoreSettings(settings(value))).not.toThrow();
  });

  it.each([
    ['no server', { mode: 'External', user: 'app' }, 'store.host: name the server'],
    ['two servers', { mode: 'External', url: 'postgres://db', host: 'db', user: 'a' }, 'not both'],
    ['no role', { mode: 'External', host: 'db' }, 'store.user: name the role'],
    [
      'two roles',
      { mode: 'External', host: 'db', user: 'a', userFile: '/a' },
      'store.user or store.userFile, not both',
    ],
    ['another protocol', { mode: 'External', url: 'mysql://db', user: 'a' }, 'write postgres://'],
    [
      'a password in the URL',
      { mode: 'External', url: 'postgres://u:hunter2@db', user: 'a' },
      'take the credentials out',
    ],
    [
      'parameters in the URL',
      { mode: 'External', url: 'postgres://db/x?sslmode=disable', user: 'a' },
      'take the parameters out',
    ],
    [
      'half a migration role',
      { mode: 'External', host: 'db', user: 'a', migration: { passwordFile: '/p' } },
      'store.migration.user: name the role',
    ],
    ['no directory', { mode: 'Embedded' }, 'store.directory'],
  ])('refuses %s, and repeats no secret', (_reason, value, message) => {
    const check = (): void => checkStoreSettings(settings(value));
    expect(check).toThrow(ConfigError);
    expect(check).toThrow(message);
    expect(check).not.toThrow('hunter2');
  });
});

describe('storeAddress', () => {
  it.each([
    [
      { host: 'db', port: 1 },
      { host: 'db', port: 1, database: 'kilo_mcp' },
    ],
    [{ url: 'postgres://db' }, { host: 'db', port: 5432, database: 'kilo_mcp' }],
    [{ url: 'postgresql://[::1]:6432/a%20b' }, { host: '::1', port: 6432, database: 'a b' }],
  ])('of %o', (value, expected) => {
    expect(storeAddress(settings(value))).toEqual(expected);
  });
});
