/** What auditors want to know of a check besides its results: that it, its profile or its waivers changed. Pure. */
import { lastChangedBy, type MCPServer } from '../../api/index.ts';
import { serverChangeKey, type ChangeRecord } from '../../checks/engine/history.ts';
import { digest } from '../../core/canonical-json.ts';
import { ownerOf, waiversOf, type AnyCheck, type CheckOwner } from './kinds.ts';
import type { RunProfile } from './profile.ts';

/**
 * The changes that brought the check to where it is; each is recorded once, whoever asks how often.
 * @param lastWaivers the digest of the waivers that were recorded last, if that is known.
 */
export function changesOfCheck(
  check: AnyCheck,
  profile: RunProfile | undefined,
  lastWaivers: string | undefined,
  at: string,
): readonly ChangeRecord[] {
  const { generation = 0 } = check.metadata;
  const object = ownerOf(check);
  const changedBy = lastChangedBy(check.metadata.annotations);
  const waivers = waiversOf(check);
  const waiversChanged = lastWaivers === undefined ? waivers.length > 0 : lastWaivers !== digest(waivers);
  return [
    {
      key: `check:${object.uid}:${generation}`,
      kind: 'CheckChanged',
      object,
      changedBy,
      summary: describeCheck(check),
      at,
    },
    ...(waiversChanged
      ? [
          {
            key: `waivers:${object.uid}:${generation}`,
            kind: 'WaiverChanged' as const,
            object,
            changedBy,
            summary: describeWaivers(check),
            at,
          },
        ]
      : []),
    ...(profile === undefined ? [] : [profileChange(profile, at)]),
  ];
}

/**
 * The server has the spec that it has. Of one that was never changed the time is that of its creation; of another it is the time of the look,
 * which may be some generations later.
 */
export function changeOfServer({ metadata, spec }: MCPServer, at: string): ChangeRecord {
  const { name, namespace, uid = '', generation = 0, creationTimestamp, annotations } = metadata;
  const created = generation === 1 && creationTimestamp !== undefined;
  return {
    key: serverChangeKey(uid, generation),
    kind: 'ServerChanged',
    object: { kind: 'MCPServer', namespace, name, uid },
    changedBy: lastChangedBy(annotations),
    summary: `generation ${generation}, spec ${digest(spec)}`,
    at: created ? new Date(creationTimestamp).toISOString() : at,
  };
}

/** The check is gone. Admission is not asked about deletions, so that nobody is named: the API server's audit log is. */
export function deletionOf(owner: CheckOwner, at: string): ChangeRecord {
  return {
    key: `check:${owner.uid}:deleted`,
    kind: 'CheckChanged',
    object: owner,
    changedBy: '',
    summary: 'deleted',
    at,
  };
}

function profileChange({ name, uid, hash, ids, changedBy }: RunProfile, at: string): ChangeRecord {
  return {
    key: `profile:${uid}:${hash}`,
    kind: 'ProfileChanged',
    object: { kind: 'ComplianceProfile', namespace: '', name, uid },
    changedBy,
    summary: `${ids.size} checks, ${hash}`,
    at,
  };
}

function describeCheck({ spec }: AnyCheck): string {
  const { profileRef, schedule = 'none', timeZone, suspend, onChange, thresholds, history } = spec;
  return [
    `profile ${profileRef.name}`,
    `schedule ${schedule} (${timeZone})`,
    suspend ? 'suspended' : 'not suspended',
    onChange ? 'on change' : 'not on change',
    `score at least ${thresholds.score} %, coverage at least ${thresholds.coverage} %`,
    `runs kept ${history.keepRuns}`,
    `spec ${digest(spec)}`,
  ].join(', ');
}

const MAX_SUMMARY = 4_000;

function describeWaivers(check: AnyCheck): string {
  const waivers = waiversOf(check);
  if (waivers.length === 0) return 'no waivers any more';
  return waivers
    .map(({ check: id, owner, expiresAt, reason }) => `${id} until ${expiresAt} by ${owner}: ${reason}`)
    .join('; ')
    .slice(0, MAX_SUMMARY);
}
