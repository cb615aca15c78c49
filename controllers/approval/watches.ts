/** Which changes make which requests and servers worth a look. */
import type { ApprovalRequest, MCPServer } from '../../api/index.ts';
import { isFinal, type ApprovalRow } from '../../approval/index.ts';
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
  const about = (kind: string) => (target: Target) => requestsAbout(sources, kind, keyOf(target));
  return [
    // Also when somebody else wrote the status, which is ours to put right.
    watchSelf(requests, () => true),
    watchMapped(decisions, ({ metadata, spec }) => [
      { namespace: metadata.namespace, name: spec.requestRef.name },
    ]),
    watchMapped(policies, () => waitingForPolicy(sources)),
    watchMapped(servers, about(SERVER_KIND), isOtherSpec),
    watchMapped(checks, about(CHECK_KIND), isOtherSpec),
    ...(feed ? feedWatches(sources, feed) : []),
  ];
}

function feedWatches(sources: ApprovalSources, feed: ApprovalFeed): readonly Watch[] {
  const { requests } = sources;
  const unrecorded = ({ status }: ApprovalRequest): boolean =>
    status?.conditions?.find(({ type }) => type === 'Recorded')?.reason !== 'Recorded';
  return [
    feed.watch((row) => [
      keyOfRow(row),
      ...feed.rows.rivalsOf(row).map(keyOfRow),
      ...refusedMeanwhile(sources, row),
    ]),
    feed.watchReturn(() => requests.store.list().filter(unrecorded).map(keyOf)),
  ];
}

/** A Quarantine that was refused because the very same was open has no row: the end of that one is what it waits for. */
function refusedMeanwhile(sources: ApprovalSources, row: ApprovalRow): readonly ObjectKey[] {
  return isFinal(row.phase) ? requestsAbout(sources, row.action.target.kind, keyOfTarget(row)) : [];
}

function requestsAbout({ requests }: ApprovalSources, kind: string, target: ObjectKey): readonly ObjectKey[] {
  return requests.store.byIndex(TARGET_INDEX, targetId(kind, target)).map(keyOf);
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
  const seen = (target: Target): string =>
    JSON.stringify([target.metadata.generation, target.metadata.deletionTimestamp, refusalsRestOn(target)]);
  return seen(change.object) !== seen(change.previous);
}

/** What AcceptDefinitions and Quarantine can be refused for, and no longer be: definitions, and what was executed. */
function refusalsRestOn(target: Target): object {
  if (target.kind === 'ComplianceCheck') return {};
  const { definitions, quarantine, baseline } = target.status ?? {};
  return { definitions, quarantine, baseline };
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
