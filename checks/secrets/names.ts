/**
 * What the name of a variable, flag or field says about its value. `GITHUB_TOKEN`, `--api-key` and `clientSecret` hold secrets;
 * `SORT_KEY` and `SECRET_KEY_BASE` may; `TOKEN_URL`, `MAX_TOKENS` and `PUBLIC_KEY` do not.
 */
import { setOf } from './word-set.ts';

/** `secret`: any literal is one. `related`: only what looks random is. */
export type NameHint = 'secret' | 'related' | 'none';

/** With one of these at its end, a name says that its value is a secret. */
export const SECRETS = setOf(`
  accesskey accesstoken apikey apitoken authtoken clientsecret pass passphrase passwd password
  privatekey pwd secret secretkey token
`);

/** With one of these before it, `key` is a secret; alone it may be the key of a map. */
export const KINDS_OF_KEY = setOf(`
  access account admin api auth deploy encryption hmac jwt master private role secret service session
  shared signing
`);

/** With one of these before it, a secret word means something else: a Kubernetes Secret, a word of a model, a place in a list. */
export const OTHER_MEANINGS = setOf(`
  bos ca cert certificate continuation cursor docker end eos kubernetes mask next pad page pull
  registry sep start stop tls unk
`);

/** A name with one of these anywhere has to do with secrets. */
const RELATED =
  /^(?:.*(?:password|passwd|secret|token|apikey)s?|passphrase|keys?|credentials?|creds|pat|pwd|pass|cookie|auth|authorization)$/;

/** A name that ends in one of these names where a secret is, or what it is like. */
const DESCRIPTIONS = setOf(`
  algorithm arn audience count dir endpoint env expiry field file fingerprint format hash header host
  id issuer length limit location method mode name path policy prefix provider ref seconds size store
  ttl type uri url version
`);

/** A name that begins with one of these is a switch. */
export const SWITCHES = setOf(`
  allow create disable enable get has ignore is list no print require rotate show skip use verify with
  without
`);

/** Meant for everybody. */
export const PUBLIC = setOf('pub public publishable');

/** @returns how telling `name` is, in the spelling of a variable, a flag, a header or a JSON field. */
export function hintOf(name: string): NameHint {
  const words = wordsOf(name);
  const [first = ''] = words;
  const last = words.at(-1) ?? '';
  if (SWITCHES.has(first) || DESCRIPTIONS.has(last) || words.some((word) => PUBLIC.has(word))) return 'none';
  if (namesSecret(last, words.at(-2) ?? '')) return 'secret';
  return words.some((word) => RELATED.test(word)) ? 'related' : 'none';
}

function namesSecret(last: string, before: string): boolean {
  if (last === 'key') return KINDS_OF_KEY.has(before);
  return SECRETS.has(last) && !OTHER_MEANINGS.has(before);
}

/** `clientSecret`, `CLIENT_SECRET_2` and `--client-secret` are `client`, `secret`. */
function wordsOf(name: string): readonly string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((word) => word !== '');
}
