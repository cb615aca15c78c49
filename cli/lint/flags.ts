/** The values of `lint`'s flags. */
import { InvalidArgumentError } from 'commander';

/** The values of `--output`. */
export const LINT_FORMATS = ['text', 'json', 'sarif'] as const;
export type LintFormat = (typeof LINT_FORMATS)[number];

/** The values of `--fail-on`. */
export const FAIL_ON = ['error', 'warning'] as const;

/** Labels by namespace. */
export type NamespaceLabels = Readonly<Record<string, Readonly<Record<string, string>>>>;

/**
 * Adds labels of one namespace, given as `team-a=tier=prod,owner=web`, to those before.
 * @throws InvalidArgumentError
 */
export function addNamespaceLabels(text: string, labels: NamespaceLabels = {}): NamespaceLabels {
  const [, namespace = '', list = ''] = /^([^=,]+)=(.+)$/.exec(text) ?? [];
  const pairs = list.split(',').map((pair) => /^([^=]+)=([^=]*)$/.exec(pair));
  if (namespace === '' || pairs.includes(null)) {
    throw new InvalidArgumentError('Write the namespace and its labels as team-a=tier=prod,owner=web.');
  }
  const given = pairs.map((match) => [match?.[1] ?? '', match?.[2] ?? ''] as const);
  return { ...labels, [namespace]: { ...labels[namespace], ...Object.fromEntries(given) } };
}

/** Adds one value of a flag that may be repeated. */
export function append(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}
