/** What the commands about a ledger have in common, and the flags that say where it is: a configuration file, or settings of the store. */
import { Option, type Command } from 'commander';
import { ConfigError } from '../../core/errors.ts';
import type { Output } from '../output.ts';
import type { LedgerLocation, OpenLedger } from './ledger.ts';

/** What the commands need from outside. */
export interface LedgerCommandSettings {
  readonly output: Output;
  readonly openLedger: OpenLedger;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly done: (exitCode: number) => void;
}

/** As commander hands them over. */
export interface StoreFlags {
  readonly config?: string;
  readonly [flag: `store${string}`]: string | undefined;
}

/** Flags that are settings of the store: name, key, value, description. */
const STORE_FLAGS = [
  ['--store-url', 'url', 'url', 'PostgreSQL, as postgres://HOST:PORT/DATABASE, without credentials.'],
  ['--store-user', 'user', 'name', 'Role; one that may only read is enough.'],
  ['--store-password-file', 'passwordFile', 'file', 'File that holds its password.'],
  ['--store-tls', 'tls.mode', 'mode', 'verify-full (default), verify-ca or disable.'],
  ['--store-ca-file', 'tls.caFile', 'file', "Trust these PEM certificates instead of the system's."],
  [
    '--store-directory',
    'directory',
    'directory',
    'An embedded database instead, while no operator has it open.',
  ],
] as const;

/** Adds the flags. @returns the command. */
export function storeFlags(command: Command): Command {
  command.option(
    '--config <file>',
    "The operator's configuration file; its section store says where the ledger is.",
  );
  for (const [flag, , value, description] of STORE_FLAGS) command.option(`${flag} <${value}>`, description);
  return command;
}

/** @throws ConfigError when the flags name no place. */
export function locationOf(flags: StoreFlags): LedgerLocation {
  const given = STORE_FLAGS.flatMap(([flag, key]) => {
    const value = flags[new Option(flag).attributeName() as `store${string}`];
    return value === undefined ? [] : [[key, value] as const];
  });
  const store = Object.fromEntries(given);
  const isPlace = store['url'] !== undefined || store['directory'] !== undefined;
  if (flags.config === undefined && !isPlace)
    throw new ConfigError(
      "--config: name the operator's configuration file, or give --store-url or --store-directory",
    );
  return { store, ...(flags.config !== undefined && { configFile: flags.config }) };
}
