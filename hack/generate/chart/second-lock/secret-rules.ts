/**
 * `secrets`: literals under the name of a secret. The detector of `checks/secrets` is JavaScript; what it knows of names and of harmless
 * values is taken from it as data. It finds more: by the shape of a value, in command lines, in words like `clientSecret`.
 */
import { HARMLESS } from '../../../../checks/secrets/harmless.ts';
import { KINDS_OF_KEY, OTHER_MEANINGS, PUBLIC, SECRETS, SWITCHES } from '../../../../checks/secrets/names.ts';
import { flattened, joined } from '../cel.ts';
import { containerLists, type ServerRule } from './server-rule.ts';

const anyOf = (patterns: Iterable<string>): string => `(${[...patterns].join('|')})`;

/** CEL: whether one of the patterns is found in the text. */
function found(text: string, ...patterns: readonly string[]): string {
  return `${text}.matches(${JSON.stringify(anyOf(patterns))})`;
}

/** Of a name in lower case, whose words are letters alone. */
const BEGIN = '(^|[^a-z])';
const BETWEEN = '[^a-z]+';
const END = '[^a-z]*$';

/** Whether the variable `e` is named like a secret. */
const IS_NAMED_SECRET = [
  // Words that only their capitals keep apart are left to the detector.
  `!${found('e.name', '[a-z][A-Z]', '[A-Z][A-Z][a-z]')}`,
  found(
    'e.name.lowerAscii()',
    `${BEGIN}${anyOf(SECRETS)}${END}`,
    `${BEGIN}${anyOf(KINDS_OF_KEY)}${BETWEEN}key${END}`,
  ),
  `!${found(
    'e.name.lowerAscii()',
    `${BEGIN}${anyOf(OTHER_MEANINGS)}${BETWEEN}${anyOf(SECRETS)}${END}`,
    `^[^a-z]*${anyOf(SWITCHES)}([^a-z]|$)`,
    `${BEGIN}${anyOf(PUBLIC)}([^a-z]|$)`,
  )}`,
].join(' && ');

/** Expressions of the API server cannot refer back to what a group found, so every character has an alternative. */
const again = (count: string): string =>
  anyOf('abcdefghijklmnopqrstuvwxyz0123456789'.split('').map((character) => `${character}${count}`));

/** Of a value in lower case. */
const HARMLESS_WORDS = [
  `^${anyOf(HARMLESS.words)}$`,
  `(^|[^a-z0-9])(${anyOf(HARMLESS.placeholders)}|${again('{8,}')})([^a-z0-9]|$)`,
  `^[^a-z0-9]*(${again('+')}[^a-z0-9]+)*${again('+')}?$`,
];

const sourceOf = ({ source, flags }: RegExp): string => `(?${flags.replaceAll(/[^i]/g, '')}:${source})`;

/** Whether the value of `e` is something, and nothing harmless. */
const IS_LITERAL = [
  found('e.value', '[A-Za-z0-9]'),
  `!${found('e.value.trim()', ...[HARMLESS.reference, ...HARMLESS.patterns].map(sourceOf))}`,
  `!${found('e.value.trim().lowerAscii()', ...HARMLESS_WORDS)}`,
].join(' && ');

const IS_SECRET = `has(e.value) && ${IS_NAMED_SECRET} && ${IS_LITERAL}`;

const denyLiterals: ServerRule = {
  id: 'secrets.denyLiterals',
  asked: 'params.spec.?secrets.?denyLiterals.orValue(false)',
  broken: (server) =>
    joined(
      `${server}.spec.?env.orValue([]).filter(e, ${IS_SECRET}).map(e, "spec.env[name=" + e.name + "].value")`,
      ...containerLists(server).map(({ containers, path }) =>
        flattened(
          `${containers}.map(c, c.?env.orValue([]).filter(e, ${IS_SECRET}).map(e, ${path} + ".env[name=" + e.name + "].value"))`,
        ),
      ),
    ),
  fix: ' looks like a secret, and everybody who may read this object could read it: put it into a Secret, and name that with valueFrom.secretKeyRef',
};

export const SECRET_RULES: readonly ServerRule[] = [denyLiterals];
