/** What a migration is. */

/** One step forward. Applied migrations never change: a mistake is put right by the next one. */
export interface Migration {
  /** Consecutive from 1. */
  readonly version: number;
  readonly name: string;
  /**
   * The oldest version of the code's own (its last migration) that still works on this database. Equal to `version` only where an older
   * replica would break; such a migration ends that replica's writes with a clear error.
   */
  readonly compatibleFrom: number;
  /** Run in one transaction, one after the other. */
  readonly statements: readonly string[];
}
