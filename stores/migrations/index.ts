/** Every migration, in order. */
import { history } from './0001-history.ts';
import { ledger } from './0002-ledger.ts';
import { outbox } from './0003-outbox.ts';
import { approval } from './0004-approval.ts';
import { changeStates } from './0005-change-states.ts';
import type { Migration } from './migration.ts';

export const MIGRATIONS: readonly Migration[] = [history, ledger, outbox, approval, changeStates];

/** The version of this code: what it needs, and what it knows. */
export const CODE_VERSION = MIGRATIONS.length;

export type { Migration } from './migration.ts';
