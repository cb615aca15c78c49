/**
 * What Kubernetes accepts as the key and the value of a label: what it does not accept, no object can carry.
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
 */

const NAME = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const PREFIX = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const MAX_NAME_LENGTH = 63;
const MAX_PREFIX_LENGTH = 253;

/** Labels as JSON has them. */
export type Labels = Readonly<Record<string, string>>;

/** The value of a label; undefined when it is not there, whatever JavaScript's own objects inherit under that name. */
export function labelOf(labels: Labels | undefined, key: string): string | undefined {
  return labels !== undefined && Object.hasOwn(labels, key) ? labels[key] : undefined;
}

/** @returns what is wrong with the key of a label; undefined when it can be one. */
export function labelKeyProblem(key: string): string | undefined {
  const [name = '', prefix, ...surplus] = key.split('/').toReversed();
  const isKey =
    surplus.length === 0 &&
    isLabelName(name) &&
    (prefix === undefined || (prefix.length <= MAX_PREFIX_LENGTH && PREFIX.test(prefix)));
  if (isKey) return undefined;
  return "is no key of a label: write [prefix/]name, the prefix a DNS name, the name at most 63 letters, digits, '-', '_' and '.'";
}

/** @returns what is wrong with the value of a label; undefined when it can be one. */
export function labelValueProblem(value: string): string | undefined {
  if (value === '' || isLabelName(value)) return undefined;
  return "is no value of a label: write at most 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends";
}

function isLabelName(text: string): boolean {
  return text.length <= MAX_NAME_LENGTH && NAME.test(text);
}
