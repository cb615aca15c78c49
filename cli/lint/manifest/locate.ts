/**
 * Where a field stands in a YAML document. Paths come as rules and the API server write them: `spec.env[0].name`,
 * `spec.podTemplate.spec.containers[name=sidecar].image`, `spec.podTemplate.metadata.labels[app]`.
 */
import {
  type Document,
  type Node,
  type Pair,
  type YAMLMap,
  type YAMLSeq,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
} from 'yaml';

interface Step {
  /** What stands for the step in the text: the key of a field, or an entry of a list. */
  readonly shown: Node;
  readonly value: unknown;
  readonly rest: string;
}

/** @returns the offset of the last step of `path` that is there; a field that is missing is where its object begins. */
export function locate(document: Document, path: string): number {
  const { contents } = document;
  let shown: Node | null = contents;
  let step = next(document, contents, path);
  while (step !== undefined) {
    shown = step.shown;
    step = next(document, step.value, step.rest);
  }
  return shown?.range?.[0] ?? 0;
}

function next(document: Document, value: unknown, path: string): Step | undefined {
  const node = isAlias(value) ? value.resolve(document) : value;
  const rest = path.replace(/^\.+/, '');
  if (rest === '') return undefined;
  if (isMap(node)) return intoMap(node, rest);
  return isSeq(node) ? intoList(node, rest) : undefined;
}

/** Keys may hold dots, so the longest key that the path begins with is meant. */
function intoMap(map: YAMLMap, path: string): Step | undefined {
  const found = map.items
    .flatMap((pair) => fieldStep(pair, path))
    .toSorted((a, b) => a.rest.length - b.rest.length);
  return found[0];
}

function fieldStep({ key, value }: Pair, path: string): readonly Step[] {
  if (!isNode(key)) return [];
  const rest = restBehind(isScalar(key) ? String(key.value) : '', path);
  return rest === undefined ? [] : [{ shown: key, value, rest }];
}

/** @returns what follows the field in the path; undefined when the path leads elsewhere. */
function restBehind(name: string, path: string): string | undefined {
  if (path.startsWith('[')) return path.startsWith(`${name}]`, 1) ? path.slice(name.length + 2) : undefined;
  const isField = path.startsWith(name) && ['', '.', '['].includes(path.charAt(name.length));
  return isField ? path.slice(name.length) : undefined;
}

function intoList(list: YAMLSeq, path: string): Step | undefined {
  const [whole = '', selector = ''] = /^\[([^\]]*)\]/.exec(path) ?? [];
  const item: unknown = /^\d+$/.test(selector)
    ? list.items[Number(selector)]
    : list.items.find((entry) => isMap(entry) && matches(entry, selector));
  return isNode(item) ? { shown: item, value: item, rest: path.slice(whole.length) } : undefined;
}

/** `name=sidecar`, or several keys with commas between them. */
function matches(entry: YAMLMap, selector: string): boolean {
  return selector.split(',').every((part) => {
    const [key = '', value] = part.split('=', 2);
    return String(entry.get(key)) === value;
  });
}
