/**
 * Settings from the command line and the configuration file: a flag wins over the file, the file over the default. Whatever
 * cannot work is refused before anything starts, all problems at once, each with its key and what would be right.
 */
import { readFileSync } from 'node:fs';
import { Ajv, type ErrorObject } from 'ajv';
import { parse as parseYAML } from 'yaml';
import { ConfigError, errorMessage } from '../../core/errors.ts';
import { FLAG_KEYS, SettingsSchema, type Settings } from './settings.ts';

/** Flag values as the command line gives them, by setting key; absent when the flag was not given. */
export type FlagValues = Readonly<Record<string, string | undefined>>;

const validate = new Ajv({ allErrors: true, useDefaults: true, verbose: true }).compile<Settings>(
  SettingsSchema,
);

/**
 * @param flags what the command line gave.
 * @param file path of the YAML configuration file, if one was named.
 * @throws ConfigError naming every key that is unknown or wrong.
 */
export function loadSettings(flags: FlagValues, file?: string): Settings {
  const candidate: unknown = { ...(file === undefined ? {} : readSettingsFile(file)), ...parseFlags(flags) };
  if (validate(candidate)) return Object.freeze(candidate);
  throw new ConfigError((validate.errors ?? []).map(describe).join('; '));
}

function readSettingsFile(path: string): object {
  const content = parseSettingsFile(path);
  if (content === null || content === undefined) return {};
  if (typeof content !== 'object' || Array.isArray(content)) {
    throw new ConfigError(`${path}: expected a mapping of settings, such as \`logLevel: debug\``);
  }
  return content;
}

function parseSettingsFile(path: string): unknown {
  try {
    return parseYAML(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new ConfigError(`cannot read the configuration file ${path}: ${errorMessage(error)}`, {
      cause: error,
    });
  }
}

function parseFlags(flags: FlagValues): Record<string, unknown> {
  const given = FLAG_KEYS.flatMap((key) => {
    const text = flags[key];
    return text === undefined ? [] : [[key, parseFlag(key, text)] as const];
  });
  return Object.fromEntries(given);
}

/** Text that does not parse is passed on as it is, so that the schema names the key and the type it wants. */
function parseFlag(key: (typeof FLAG_KEYS)[number], text: string): unknown {
  const { type } = SettingsSchema.properties[key] as { type?: string };
  if (type === 'boolean') return text === 'true' || (text === 'false' ? false : text);
  if (type === 'integer') return /^-?\d+$/.test(text) ? Number(text) : text;
  if (type === 'array') return text === '' ? [] : text.split(',').map((part) => part.trim());
  return text;
}

function describe({ instancePath, keyword, message, params, data, parentSchema }: ErrorObject): string {
  const path = instancePath.slice(1).replaceAll('/', '.');
  const at = path === '' ? '' : `${path}: `;
  if (keyword === 'additionalProperties') {
    return `${at}unknown setting "${String(params['additionalProperty'])}"; see docs/configuration.md`;
  }
  // People read the description of a setting more easily than its pattern.
  if (keyword === 'pattern')
    return `${at}${String(data)} cannot be used. ${String(parentSchema?.['description'])}`;
  const allowed: unknown = params['allowedValues'] ?? params['allowedValue'];
  return `${at}${message ?? keyword}${allowed === undefined ? '' : ` (${[allowed].flat().map(String).join(', ')})`}`;
}
