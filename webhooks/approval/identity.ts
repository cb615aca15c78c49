/** Who decides, or asks: persons, as against the accounts of machines and of the cluster itself. */
import type { ApprovalDecisionSpec } from '../../api/index.ts';
import type { UserInfo } from '../admission/review.ts';

/** Usernames that mean something to approvals, and how persons are told apart. */
export interface ApprovalSettings {
  /** Key of `extra` whose value is the person; empty where persons are told apart by username. */
  readonly personKey: string;
  /** Username of the operator's ServiceAccount: it may ask, and tidy up. */
  readonly operator: string;
  /** Username of the executor's ServiceAccount: what it changes was approved. */
  readonly executor: string;
}

/** `decidedBy` of a decision. */
export type DecidedBy = NonNullable<ApprovalDecisionSpec['decidedBy']>;

const SYSTEM = 'system:';
/** Its members pass every question of authorization, and often share one certificate. */
const MASTERS = 'system:masters';
/** As the schema of `decidedBy.extra` has them. */
const MAX_EXTRA = { keys: 64, values: 64, length: 1_024 } as const;

/** @returns why nothing that this account says can be taken for the word of a person. @param allowed usernames of ServiceAccounts that are taken all the same. */
export function systemAccount(
  { username, groups = [] }: UserInfo,
  allowed: readonly string[],
): string | undefined {
  if (groups.includes(MASTERS))
    return `${username} is in the group ${MASTERS}, which no right limits and many may share: use an account of your own`;
  if (!username.startsWith(SYSTEM) || allowed.includes(username)) return undefined;
  return `${username} is an account of the cluster or of a program: use an account of your own`;
}

/** @returns the user as a decision keeps it; what is empty is left out, and what exceeds the schema. */
export function decidedBy({ username, uid, groups = [], extra = {} }: UserInfo): DecidedBy {
  const kept = keptExtra(extra);
  return {
    username,
    ...(uid !== '' && { uid }),
    ...(groups.length > 0 && { groups: [...groups] }),
    ...(Object.keys(kept).length > 0 && { extra: kept }),
  };
}

function keptExtra(extra: NonNullable<UserInfo['extra']>): NonNullable<UserInfo['extra']> {
  const short = (values: readonly string[]): string[] =>
    values.filter(({ length }) => length <= MAX_EXTRA.length).slice(0, MAX_EXTRA.values);
  return Object.fromEntries(
    Object.entries(extra)
      .slice(0, MAX_EXTRA.keys)
      .map(([key, values]) => [key, short(values)]),
  );
}
