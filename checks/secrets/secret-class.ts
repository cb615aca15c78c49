/**
 * The detector of literal secrets: from the name of a variable and its value to the class of secret that it looks like. The class is all
 * that is ever said of a value; neither it nor a part of it goes into a finding. It is a heuristic: it finds what people write by
 * mistake, not what they hide on purpose.
 */
import { isHarmless, withoutReferences } from './harmless.ts';
import { hintOf } from './names.ts';
import { looksRandom } from './random.ts';
import { shapeOf } from './shapes.ts';

const LITERAL = 'literal under the name of a secret';
const RANDOM = 'random value under a name that has to do with secrets';
const URL_CREDENTIALS = 'credentials in a URL';
const AUTHORIZATION = 'authorization header';

/**
 * @param name of the variable, flag or header; empty when there is none.
 * @param value as it is written: a single value, an argument, or a whole script.
 * @returns a class such as `GitHub token`; undefined when nothing looks like a secret.
 */
export function secretClassOf(name: string, value: string): string | undefined {
  return (
    shapeOf(value) ??
    credentialsOf(value) ??
    headerOf(value) ??
    namedClassOf(name, value) ??
    embeddedIn(value)
  );
}

function namedClassOf(name: string, value: string): string | undefined {
  const hint = hintOf(name);
  if (hint === 'none') return undefined;
  const literal = withoutReferences(value);
  if (isHarmless(literal)) return undefined;
  if (hint === 'secret') return LITERAL;
  return looksRandom(literal) ? RANDOM : undefined;
}

/** RFC 3986, userinfo with a password. A name alone is none. */
const USERINFO = /:\/\/[^\s/?#@:"'<>]{0,256}:([^\s/?#@"'<>]{1,512})@/g;

function credentialsOf(value: string): string | undefined {
  const passwords = [...value.matchAll(USERINFO)].map(([, password = '']) => withoutReferences(password));
  return passwords.some((password) => password !== '' && !isPlain(password)) ? URL_CREDENTIALS : undefined;
}

/** A number can be a password here: what stands between `:` and `@` is nothing else. */
function isPlain(password: string): boolean {
  return isHarmless(password) && !/^[0-9]+$/.test(password);
}

/** RFC 7235, of the schemes that carry the credential as it is. */
const HEADER = /(?<![A-Za-z0-9-])(bearer|basic|token)[ \t]+([A-Za-z0-9+/=_.~-]{6,})/gi;

function headerOf(value: string): string | undefined {
  const headers = [...value.matchAll(HEADER)];
  return headers.some(([, scheme = '', credential = '']) => isCredential(scheme, credential))
    ? AUTHORIZATION
    : undefined;
}

/** RFC 7617: after `Basic` stand the user and the password with a colon between them, in base64. */
function isCredential(scheme: string, credential: string): boolean {
  if (scheme.toLowerCase() !== 'basic') return isOpaque(credential);
  return /^[ -~]*:[ -~]+$/.test(Buffer.from(credential, 'base64').toString('latin1'));
}

/** Letters and digits mixed: in running text, a word is not taken for a secret. */
function isOpaque(value: string): boolean {
  return value.length >= 6 && /[0-9]/.test(value) && /[A-Za-z]/.test(value) && !isHarmless(value);
}

/** Only looked at, so that what stands in a value is found too: `--header=X-Api-Key:...`. Bounded, so that this stays linear. */
const VALUE = `(?=("[^"]{0,4096}"|'[^']{0,4096}'|[^\\s;&|,"'{}()<>]{1,256}))`;
/** `NAME=value` of a shell, a query or a connection string; `name: value` of a header or JSON. */
const ASSIGNMENT = new RegExp(
  `(?<![\\w.-])-{0,2}([A-Za-z][\\w.-]{0,100})["']?\\s{0,2}([=:])\\s{0,2}${VALUE}`,
  'g',
);
/** `--name value` of a command line. */
const FLAG = new RegExp(`(?<![\\w.-])--([A-Za-z][\\w-]{0,100})( )[ \\t]{0,4}${VALUE}`, 'g');

function embeddedIn(value: string): string | undefined {
  // JSON inside a quoted argument.
  const text = value.replaceAll('\\"', '"');
  for (const pattern of [ASSIGNMENT, FLAG]) {
    for (const [, name = '', operator, quoted = ''] of text.matchAll(pattern)) {
      const literal = quoted.replace(/^["']|["']$/g, '');
      if (operator !== '=' && !isOpaque(withoutReferences(literal))) continue;
      const secretClass = namedClassOf(name, literal);
      if (secretClass !== undefined) return secretClass;
    }
  }
  return undefined;
}
