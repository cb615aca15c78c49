/** Which changes make which requests and servers worth a look. */
import type { MCPServer } from '../../api/index.ts';
import type { ApprovalRow } from '../../approval/index.ts';
import {
  keyOf,
  watchMapped,
  watchSelf,
  type Change,
  type ObjectKey,
  type Watch,
} from '../../operator/runtime/index.ts';
import type { ApprovalFeed } from './feed.ts';
import { CHECK_KIND, SERVER_KIND, TARGET_INDEX, targetId, type Target } from './kinds.ts';
import { ownShare } from './projection.ts';
import type { ApprovalSources } from './sources.ts';

/** What makes a request worth a look. */
export function requestWatches(sources: ApprovalSources, feed: ApprovalFeed | undefined): readonly Watch[] {
  const { requests, decisions, policies, servers, checks } = sources;
  const about =
    (kind: string) =>
    (target: Target): readonly ObjectKey[] =>
      requests.store.byIndex(TARGET_INDEX, targetId(kind, keyOf(target))).map(keyOf);
  return [
    // Also when somebody else wrote the status, which is ours to put right.
    watchSelf(requests, () => true),
    watchMapped(decisions, ({ metadata, spec }) => [
      { namespace: metadata.namespace, name: spec.requestRef.name },
    ]),
    watchMapped(policies, () => waitingForPolicy(sources)),
    watchMapped(servers, about(SERVER_KIND), isOtherSpec),
    watchMapped(checks, about(CHECK_KIND), isOtherSpec),
    ...(feed ? [feed.watch((row) => [keyOfRow(row), ...feed.rows.rivalsOf(row).map(keyOfRow)])] : []),
  ];
}

/** Nothing binds these yet; all others go by the policies of when they were opened. */
function waitingForPolicy({ requests }: ApprovalSources): readonly ObjectKey[] {
  return requests.store
    .list()
    .filter(({ status }) => status?.derived?.policy === undefined)
    .map(keyOf);
}

function keyOfRow({ namespace, name }: ApprovalRow): ObjectKey {
  return { namespace, name };
}

function isOtherSpec(change: Change<Target>): boolean {
  if (change.kind !== 'update') return true;
  const seen = ({ metadata, status }: Target): string =>
    JSON.stringify([metadata.generation, metadata.deletionTimestamp, definitionsIn(status)]);
  return seen(change.object) !== seen(change.previous);
}

/** What an AcceptDefinitions is refused for as long as they are others. */
function definitionsIn(status: unknown): string {
  if (typeof status !== 'object' || status === null || !('definitions' in status)) return '';
  return JSON.stringify(status.definitions);
}

/** @returns the key of what the row is about. */
export function keyOfTarget({ namespace, action }: ApprovalRow): ObjectKey {
  return { namespace, name: action.target.name };
}

/** Whether our share of a server's status changed: also when somebody else wrote it. */
export function isOtherShare(change: Change<MCPServer>): boolean {
  if (change.kind !== 'update') return true;
  const seen = ({ status }: MCPServer): string => JSON.stringify(ownShare(status));
  return seen(change.object) !== seen(change.previous);
}
