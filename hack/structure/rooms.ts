/**
 * The rooms of the house and who may import whom: the table of `DESIGN.md` as data. `check.ts` turns it into rules; a room
 * that is not listed here may not exist, so a new folder begins with a line in this file.
 */

/** A room may import its own files, `core/`, packages, and what is listed. A path with an extension allows that file only. */
export const ROOMS: Readonly<Record<string, readonly string[]>> = {
  core: [],
  api: [],
  'operator/runtime': [],
  mcp: ['api'],
  render: ['api'],
  checks: ['api', 'render', 'mcp'],
  reports: ['api', 'checks'],
  stores: ['api', 'checks'],
  controllers: ['api', 'render', 'checks', 'reports', 'mcp', 'operator/runtime/index.ts'],
  webhooks: ['api', 'render', 'checks', 'operator/runtime/index.ts'],
  cli: ['api', 'render', 'checks', 'reports', 'mcp', 'operator/runtime/index.ts'],
  operator: [
    'api',
    'render',
    'checks',
    'mcp',
    'reports',
    'stores',
    'controllers',
    'webhooks',
    'cli',
    'operator/runtime',
    'package.json',
  ],
};

/** Folders outside the product's process: they may import any room, and no room may import them. */
export const WORKSHOPS: readonly string[] = ['hack', 'test', 'examples', 'bin'];
