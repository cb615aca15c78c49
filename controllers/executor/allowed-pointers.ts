/**
 * What an action may change: an allow-list of JSON pointers. The executor may `patch mcpservers`, which is more than any plan needs; a row that somebody
 * else wrote must not make it do more than a plan of ours ever would. Judged is every single value that differs between the object as it is and as
 * the API server would store it, so that nothing hides in what is added as a whole. Pure.
 */
import type { MCPServerSpec } from '../../api/index.ts';
import { pointerOf, type ActionKind, type PatchOperation } from '../../approval/index.ts';
import { changing } from './target.ts';

interface Allowed {
  readonly pointer: RegExp;
  /** Whether it may only go: another value would give the pod something. */
  readonly onlyRemoved?: true;
}

/** Nothing here says which program runs, from which image, or with which environment, volumes and Secrets. */
const ALLOWED: Readonly<Record<ActionKind, readonly Allowed[]>> = {
  Remediate: [
    { pointer: /^\/spec\/transport\/(type|path)$/ },
    { pointer: /^\/spec\/resources(\/|$)/ },
    { pointer: /^\/spec\/network(\/|$)/ },
    { pointer: /^\/spec\/podTemplate\/spec\/securityContext(\/|$)/ },
    {
      pointer:
        /^\/spec\/podTemplate\/spec\/(initContainers|containers)\/\d+\/(securityContext|resources)(\/|$)/,
    },
    { pointer: /^\/spec\/podTemplate\/spec\/serviceAccountName$/, onlyRemoved: true },
    {
      pointer:
        /^\/spec\/podTemplate\/metadata\/annotations\/container\.apparmor\.security\.beta\.kubernetes\.io~1/,
      onlyRemoved: true,
    },
  ],
  AcceptDefinitions: [],
  Quarantine: [],
  Waive: [],
};

/**
 * @param before the spec as it is. @param after the spec as the API server would store it.
 * @returns the pointers that would change and may not; empty when all is well.
 */
export function forbiddenPointers(
  kind: ActionKind,
  operations: readonly PatchOperation[],
  before: MCPServerSpec,
  after: MCPServerSpec,
): readonly string[] {
  const elsewhere = changing(operations).filter(
    ({ op, path }) => !PLANNED_OPERATIONS.has(op) || !path.startsWith('/spec/'),
  );
  const changes = differences(before, after, ['spec']).filter((change) => !isAllowed(kind, change));
  return [...elsewhere.map(({ path }) => path), ...changes.map(({ pointer }) => pointer)];
}

/** Others take something away elsewhere, or bring it from there. No plan has them; a row that somebody else wrote may. */
const PLANNED_OPERATIONS: ReadonlySet<string> = new Set(['add', 'replace', 'remove']);

/** A value that differs. */
interface Difference {
  readonly pointer: string;
  readonly isRemoved: boolean;
}

function isAllowed(kind: ActionKind, { pointer, isRemoved }: Difference): boolean {
  return ALLOWED[kind].some(
    (allowed) => allowed.pointer.test(pointer) && (allowed.onlyRemoved !== true || isRemoved),
  );
}

/** Down to single values, on whichever side they are. Entries of lists are compared by position. */
function differences(before: unknown, after: unknown, at: readonly string[]): readonly Difference[] {
  const [one, other] = [membersOf(before), membersOf(after)];
  const keys = [...new Set([...Object.keys(one ?? {}), ...Object.keys(other ?? {})])];
  if (
    keys.length > 0 &&
    (one !== undefined || before === undefined) &&
    (other !== undefined || after === undefined)
  )
    return keys.flatMap((key) => differences(one?.[key], other?.[key], [...at, key]));
  const isSame = before === after || (isEmpty(one) && isEmpty(other));
  return isSame ? [] : [{ pointer: pointerOf(at), isRemoved: after === undefined }];
}

type Members = Readonly<Record<string, unknown>>;

/** Undefined for a single value. */
function membersOf(value: unknown): Members | undefined {
  return typeof value === 'object' && value !== null ? { ...value } : undefined;
}

function isEmpty(members: Members | undefined): boolean {
  return members !== undefined && Object.keys(members).length === 0;
}
