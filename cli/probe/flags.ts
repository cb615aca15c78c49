/** The values of `probe`'s flags. Each parser refuses what cannot work with a sentence that names the right form. */
import { readFileSync } from 'node:fs';
import { InvalidArgumentError } from 'commander';
import { ConfigError, errorMessage } from '../../core/errors.ts';

type Environment = Readonly<Record<string, string | undefined>>;
type HeaderRecord = Readonly<Record<string, string>>;

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000 };

/**
 * @returns milliseconds of a duration such as `500ms`, `10s` or `2m`.
 * @throws InvalidArgumentError
 */
export function parseDuration(text: string): number {
  const [, amount, unit = ''] = /^(\d{1,6})(ms|s|m)$/.exec(text) ?? [];
  const durationMs = Number(amount) * (UNITS_MS[unit] ?? Number.NaN);
  if (durationMs > 0 && durationMs <= 600_000) return durationMs;
  throw new InvalidArgumentError('Write a duration from 1ms to 10m, such as 10s.');
}

/**
 * Adds a header given as `Name: value` to those before it.
 * @throws InvalidArgumentError
 */
export function addHeader(text: string, headers: HeaderRecord = {}): HeaderRecord {
  const [name, value] = splitOnce(text, ':');
  if (name === '' || value === undefined) {
    throw new InvalidArgumentError('Write a header as "Name: value".');
  }
  return { ...headers, [name]: value };
}

/** Where the value of a header is, by the header's name. */
export type HeaderVariables = Readonly<Record<string, string>>;

/**
 * Adds a header given as `Name=VARIABLE`, whose value is in the environment.
 * @throws InvalidArgumentError
 */
export function addHeaderVariable(text: string, variables: HeaderVariables = {}): HeaderVariables {
  const [name, variable] = splitOnce(text, '=');
  if (name === '' || variable === undefined || variable === '') {
    throw new InvalidArgumentError('Write the header and the variable as Name=VARIABLE.');
  }
  return { ...variables, [name]: variable };
}

/** @throws ConfigError naming the variable that is not set. */
export function headersFromEnvironment(variables: HeaderVariables, environment: Environment): HeaderRecord {
  const entries = Object.entries(variables).map(([name, variable]) => {
    const value = environment[variable];
    if (value === undefined || value === '') {
      throw new ConfigError(`--header-env: the environment variable ${variable} is not set`);
    }
    return [name, value] as const;
  });
  return Object.fromEntries(entries);
}

/**
 * Reads headers from a file: one `Name: value` a line; blank lines and lines that start with `#` count for nothing.
 * @throws ConfigError naming the line, never its content.
 */
export function headersFromFile(path: string): HeaderRecord {
  let headers: HeaderRecord = {};
  readFlagFile('--header-file', path)
    .split(/\r?\n/)
    .forEach((line, index) => {
      if (line.trim() === '' || line.startsWith('#')) return;
      const [name, value] = splitOnce(line, ':');
      if (name === '' || value === undefined) {
        throw new ConfigError(`--header-file: line ${index + 1} of ${path} is not "Name: value"`);
      }
      headers = { ...headers, [name]: value };
    });
  return headers;
}

/**
 * @returns the content of the file that `flag` names.
 * @throws ConfigError naming flag and file.
 */
export function readFlagFile(flag: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigError(`${flag}: ${errorMessage(error)}`, { cause: error });
  }
}

/** Both halves without blanks around them; the second is undefined when there is no separator. */
function splitOnce(text: string, separator: string): readonly [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text.trim(), undefined] : [text.slice(0, at).trim(), text.slice(at + 1).trim()];
}
