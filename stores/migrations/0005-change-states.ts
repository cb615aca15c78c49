/** What a change says of its object, and which is the newest of an object: clocks of leaders differ, so that the order of writing has a column. */
import type { Migration } from './migration.ts';

export const changeStates: Migration = {
  version: 5,
  name: 'change-states',
  compatibleFrom: 2,
  statements: [
    'ALTER TABLE kilo_mcp.changes ADD COLUMN state text',
    'ALTER TABLE kilo_mcp.changes ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY',
    "CREATE INDEX changes_object ON kilo_mcp.changes (kind, (object::json ->> 'uid'), number)",
  ],
};
