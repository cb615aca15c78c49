/** A database that is open, whichever it is. */
import type { Kysely } from 'kysely';
import type { Tables } from './tables.ts';

/** @see module header */
export interface Connection {
  readonly db: Kysely<Tables>;
  /** Connections: in use, and requests that wait for one. Embedded there is one. */
  readonly pool: () => { readonly size: number; readonly waiting: number };
  readonly close: () => Promise<void>;
}
