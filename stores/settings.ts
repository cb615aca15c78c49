/**
 * How the store is reached. Loads no database driver: a process without a store pays nothing for it. Credentials come from files, which are
 * read anew for every connection, so that a Secret may rotate under a running process.
 */
import { Type, type Static } from 'typebox';
import { ConfigError } from '../core/errors.ts';

const text = (description: string, defaultValue = '') => Type.String({ description, default: defaultValue });

const seconds = (description: string, defaultValue: number) =>
  Type.Integer({ description, minimum: 1, maximum: 3_600, default: defaultValue });

/** The settings under `store`. */
export const StoreSettingsSchema = Type.Object(
  {
    mode: Type.Enum(['None', 'External', 'Embedded'], {
      description:
        'Where history is kept: nowhere, in a PostgreSQL of yours (15 or later), or in an embedded one in a directory, which is for evaluation.',
      default: 'None',
    }),
    url: text(
      'External: `postgres://HOST:PORT/DATABASE`, without credentials and parameters; instead of host, port and database.',
    ),
    host: text('External: name or address of the server.'),
    port: Type.Integer({ description: 'External.', minimum: 1, maximum: 65_535, default: 5432 }),
    database: text('External: name of the database. It must exist.', 'kilo_mcp'),
    user: text('External: name of the role. Empty: what userFile holds.'),
    userFile: text('External: file that holds the name of the role; read anew for each connection.'),
    passwordFile: text('External: file that holds the password; read anew for each connection.'),
    migration: Type.Object(
      {
        user: text('Role that owns the tables. Empty: what userFile holds.'),
        userFile: text('File that holds the name of that role.'),
        passwordFile: text('File that holds its password.'),
      },
      {
        description:
          'External: other credentials for making and changing tables, so that the role for everyday work cannot change the ledger. Empty: one role does both.',
        default: {},
        additionalProperties: false,
      },
    ),
    applicationRole: text(
      'External, with credentials of its own for migrations: the role that is granted what everyday work needs. Empty: the role of user or userFile.',
    ),
    tls: Type.Object(
      {
        mode: Type.Enum(['verify-full', 'verify-ca', 'disable'], {
          description:
            'Check certificate and host name, the certificate alone, or speak in the clear (a socket or a test only).',
          default: 'verify-full',
        }),
        caFile: text(
          "PEM file of the authorities that are trusted; read anew for each connection. Empty: the system's.",
        ),
      },
      { description: 'External: transport security.', default: {}, additionalProperties: false },
    ),
    poolMax: Type.Integer({
      description: 'External: the most connections of one process.',
      minimum: 1,
      maximum: 100,
      default: 8,
    }),
    connectTimeoutSeconds: seconds('External: for a new connection, and for a free one of the pool.', 10),
    statementTimeoutSeconds: seconds('External: the server ends a statement that takes longer.', 30),
    lockTimeoutSeconds: seconds('External: the server ends a statement that waits longer for a lock.', 10),
    idleInTransactionTimeoutSeconds: seconds(
      'External: the server ends a connection that forgot a transaction.',
      60,
    ),
    applicationName: text('External: what administrators see in pg_stat_activity.', 'mcp-operator'),
    directory: text('Embedded: the directory that holds the data.'),
  },
  { description: 'Where compliance history is kept.', default: {}, additionalProperties: false },
);

/** Complete settings; whether they go together is what {@link checkStoreSettings} says. */
export type StoreSettings = Readonly<Static<typeof StoreSettingsSchema>>;

/** Whose credentials. */
export interface CredentialSettings {
  readonly user: string;
  readonly userFile: string;
  readonly passwordFile: string;
}

/** Where a PostgreSQL listens. */
export interface StoreAddress {
  readonly host: string;
  readonly port: number;
  readonly database: string;
}

/** @throws ConfigError naming every setting that is missing or contradicts another, and the fix. */
export function checkStoreSettings(settings: StoreSettings): void {
  const problems = { None: () => [], External: externalProblems, Embedded: embeddedProblems }[settings.mode](
    settings,
  );
  if (problems.length > 0) throw new ConfigError(problems.join('; '));
}

/** @throws ConfigError when the URL cannot be used; see {@link checkStoreSettings}. */
export function storeAddress({ url, host, port, database }: StoreSettings): StoreAddress {
  if (url === '') return { host, port, database };
  const parsed = parseStoreUrl(url);
  const name = decodeURIComponent(parsed.pathname.slice(1));
  return {
    host: parsed.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: parsed.port === '' ? port : Number(parsed.port),
    database: name === '' ? database : name,
  };
}

/** Whether tables are made with other credentials than those of everyday work. */
export function hasMigrationRole({ migration }: StoreSettings): boolean {
  return migration.user !== '' || migration.userFile !== '';
}

function embeddedProblems({ directory }: StoreSettings): readonly string[] {
  return directory === '' ? ['store.directory: name a directory for the embedded database'] : [];
}

function externalProblems(settings: StoreSettings): readonly string[] {
  const { url, host, migration } = settings;
  const migrates = hasMigrationRole(settings) || migration.passwordFile !== '';
  return [
    ...(url === '' && host === '' ? ['store.host: name the server, or give store.url'] : []),
    ...(url !== '' && host !== '' ? ['store.host: give store.url or store.host, not both'] : []),
    ...urlProblems(url),
    ...credentialProblems('store', settings),
    ...(migrates ? credentialProblems('store.migration', migration) : []),
  ];
}

function credentialProblems(at: string, { user, userFile }: CredentialSettings): readonly string[] {
  if (user !== '' && userFile !== '') return [`${at}.user: give ${at}.user or ${at}.userFile, not both`];
  return user === '' && userFile === '' ? [`${at}.user: name the role, or give ${at}.userFile`] : [];
}

function urlProblems(url: string): readonly string[] {
  try {
    if (url !== '') parseStoreUrl(url);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return [error.message];
    throw error;
  }
}

/** No message repeats the URL: somebody may have put a password in it. */
function parseStoreUrl(text: string): URL {
  if (!URL.canParse(text)) throw new ConfigError('store.url: write postgres://HOST:PORT/DATABASE');
  const url = new URL(text);
  if (!/^postgres(ql)?:$/.test(url.protocol) || url.hostname === '')
    throw new ConfigError('store.url: write postgres://HOST:PORT/DATABASE');
  if (url.username !== '' || url.password !== '')
    throw new ConfigError(
      'store.url: take the credentials out of it, and give store.userFile and store.passwordFile',
    );
  if (url.search !== '' || url.hash !== '')
    throw new ConfigError('store.url: take the parameters out of it; store.tls and the others replace them');
  return url;
}
