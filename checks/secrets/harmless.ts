/**
 * What stands under the name of a secret and is none: references to where it is, modes, numbers, places, placeholders.
 */
import { looksRandom } from './random.ts';
import { setOf } from './word-set.ts';

/** `$(NAME)` of Kubernetes; `$NAME`, `${NAME}` and `$(command)` of a shell; `{{ name }}` of a template; `%NAME%`. */
const REFERENCE =
  /\$\([^()]*\)|\$\{[A-Za-z_][A-Za-z0-9_]*\}|\$[A-Za-z_][A-Za-z0-9_]*|\{\{[^{}]*\}\}|%[A-Z_]+%/g;

/** @returns what is left of the value without references and the words that stand around them. */
export function withoutReferences(value: string): string {
  return value.replace(REFERENCE, '').trim();
}

const MODES = setOf(`
  true false yes no on off none null nil undefined default auto enabled disabled required optional
  env environment file vault header query cookie body oauth oauth2 oidc jwt bearer basic digest apikey
  base64 plain plaintext md5 sha1 sha256 sha512 hs256 rs256 es256 ed25519 aes256 string text
`);

/** Also with a unit: `30s`, `512Mi`. */
const NUMBER = /^[-+]?[0-9][0-9_,]*(?:\.[0-9]+)?\s?(?:%|ns|us|ms|[smhd]|[kKMGT]i?B?)?$/;
const URL = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/\S*$/;
/** Of a store of secrets: AWS, Vault, 1Password, External Secrets and the like. */
const ADDRESS_OF_SECRET = /^(?:arn|vault|op|ref\+[a-z]+|secretref|ssm|gcpsm|akv|env|file|projects?):?[:/]/i;
const ABSOLUTE_PATH = /^(?:~|\.{1,2})?(?:\/[^/\s]+)+\/?$/;
const FILE_NAME =
  /^[\w.-]+(?:\/[\w.-]+)*\.(?:conf|crt|env|ini|json|jwk|jwks|key|p12|pem|pfx|toml|txt|ya?ml)$/;
/** In pointed or square brackets, or one character again and again: `<token>`, `[PAD]`, `xxxx`, `***`. */
const BLANK = /^(?:<[^<>]*>|\[[^[\]]*\]|(.)\1*)$/;
const PLACEHOLDER_WORDS = setOf(`
  changeme changeit change replace replaceme your placeholder dummy todo tbd redacted masked example sample
  fake insert fixme
`);

/**
 * The same as data, for whoever has no JavaScript: the expressions of an admission policy. Besides these, a value is harmless that is one
 * character again and again, has a word that is, or consists of such words.
 */
export const HARMLESS = {
  reference: REFERENCE,
  words: MODES,
  placeholders: PLACEHOLDER_WORDS,
  patterns: [NUMBER, URL, ADDRESS_OF_SECRET, FILE_NAME, ABSOLUTE_PATH, /^(?:<[^<>]*>|\[[^[\]]*\])$/],
} as const;

const NO_SECRETS: readonly ((value: string) => boolean)[] = [
  (value) => !/[A-Za-z0-9]/.test(value),
  (value) => MODES.has(value.toLowerCase()),
  (value) => NUMBER.test(value),
  (value) => URL.test(value),
  (value) => ADDRESS_OF_SECRET.test(value),
  (value) => FILE_NAME.test(value),
  isPath,
  (value) => BLANK.test(value),
  isPlaceholder,
];

/** Whether a value without references is plainly no secret, however its variable is called. */
export function isHarmless(value: string): boolean {
  return NO_SECRETS.some((matches) => matches(value));
}

/** Not base64, in which one text in 64 begins with a slash. */
function isPath(value: string): boolean {
  return ABSOLUTE_PATH.test(value) && !value.split('/').some((segment) => looksRandom(segment));
}

/** In one word, or in the same character again and again: `ghp_xxxxxxxxxxxx`, `xx-xx`. */
function isPlaceholder(value: string): boolean {
  const words = value.toLowerCase().split(/[^a-z0-9]+/);
  const isOne = (word: string): boolean => PLACEHOLDER_WORDS.has(word) || /^(.)\1{7,}$/.test(word);
  return words.some(isOne) || words.every((word) => BLANK.test(word));
}
