/**
 * A connection of `pg` that reads its credentials and authorities when it is made, so that files may change under a running process. A file
 * that cannot be read fails the connection, not the pool.
 */
import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { Client, types, type ClientConfig } from 'pg';
import { StoreUnavailableError } from '../../checks/engine/history.ts';
import { storeAddress, type CredentialSettings, type StoreSettings } from '../settings.ts';

/** @returns the class that a pool makes connections of. */
export function clientClass(settings: StoreSettings, credentials: CredentialSettings): typeof Client {
  return class extends Client {
    readonly #trouble: Error | undefined;

    constructor() {
      const read = configOrTrouble(settings, credentials);
      super('config' in read ? read.config : {});
      // A connection that breaks between two statements of a transaction tells nobody else, and would end the process: the next statement fails.
      this.on('error', () => undefined);
      this.#trouble = 'trouble' in read ? read.trouble : undefined;
    }

    override connect(): Promise<Client>;
    override connect(callback: (error: Error) => void): void;
    override connect(callback?: (error: Error) => void): Promise<Client> | void {
      const trouble = this.#trouble;
      if (trouble === undefined) return callback === undefined ? super.connect() : super.connect(callback);
      if (callback === undefined) return Promise.reject(trouble);
      return queueMicrotask(() => callback(trouble));
    }
  };
}

function configOrTrouble(
  settings: StoreSettings,
  credentials: CredentialSettings,
): { readonly config: ClientConfig } | { readonly trouble: Error } {
  try {
    return { config: configOf(settings, credentials) };
  } catch (error) {
    return { trouble: error instanceof Error ? error : new Error(String(error)) };
  }
}

function configOf(settings: StoreSettings, credentials: CredentialSettings): ClientConfig {
  const address = storeAddress(settings);
  const { passwordFile } = credentials;
  return {
    ...address,
    user: roleOf(credentials),
    ...(passwordFile === '' ? {} : { password: readSetting('passwordFile', passwordFile) }),
    ssl: tlsOptions(settings, address.host),
    application_name: settings.applicationName,
    connectionTimeoutMillis: settings.connectTimeoutSeconds * 1_000,
    statement_timeout: settings.statementTimeoutSeconds * 1_000,
    // For a network that swallows packets: the server's own limit comes first.
    query_timeout: settings.statementTimeoutSeconds * 1_000 + 5_000,
    lock_timeout: settings.lockTimeoutSeconds * 1_000,
    idle_in_transaction_session_timeout: settings.idleInTransactionTimeoutSeconds * 1_000,
    keepAlive: true,
    types: { getTypeParser },
  };
}

const getTypeParser: NonNullable<ClientConfig['types']>['getTypeParser'] = (oid, format) => {
  if (oid === types.builtins.INT8) return Number;
  if (oid === types.builtins.TIMESTAMPTZ && format !== 'binary')
    return rememberingLast(types.getTypeParser(oid, format) as (text: string) => Date);
  return types.getTypeParser(oid, format);
};

/** The findings of a server have the same few times, one after the other; reading a time is the dearest part of reading a row. */
function rememberingLast(parse: (text: string) => Date): (text: string) => Date {
  let last: { readonly text: string; readonly time: Date } | undefined;
  return (text) => {
    last = last?.text === text ? last : { text, time: parse(text) };
    return last.time;
  };
}

/** The name of the role, as it is now. @throws StoreUnavailableError when its file cannot be read. */
export function roleOf({ user, userFile }: CredentialSettings): string {
  return user === '' ? readSetting('userFile', userFile) : user;
}

function tlsOptions({ tls }: StoreSettings, host: string): false | ConnectionOptions {
  if (tls.mode === 'disable') return false;
  return {
    // `pg` gives no host for an address, and Node would then compare the certificate with "localhost".
    host,
    rejectUnauthorized: true,
    ...(tls.caFile === '' ? {} : { ca: readSetting('tls.caFile', tls.caFile) }),
    ...(tls.mode === 'verify-ca' ? { checkServerIdentity: () => undefined } : {}),
  };
}

function readSetting(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    throw new StoreUnavailableError(`store.${name}: cannot read ${path} (${code})`, { cause });
  }
}
