import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { checkStructure } from './check.ts';

const rooms = {
  core: [],
  api: [],
  controllers: ['api', 'operator/runtime/index.ts'],
  'operator/runtime': [],
};
const sound = {
  'core/clock.ts': `export const clock = 1;`,
  'api/index.ts': `import { clock } from '../core/clock.ts'; export const api = clock;`,
  'operator/runtime/index.ts': `export { queue } from './queue.ts';`,
  'operator/runtime/queue.ts': `export const queue = 1;`,
  'controllers/server.ts': `import { api } from '../api/index.ts'; import { queue } from '../operator/runtime/index.ts'; export const c = [api, queue];`,
};

const directories: string[] = [];
afterEach(() => directories.splice(0).forEach((directory) => rmSync(directory, { recursive: true })));

function plant(files: Record<string, string>): string {
  const directory = mkdtempSync(join(tmpdir(), 'structure-'));
  directories.push(directory);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
  return directory;
}

describe('checkStructure', () => {
  it('finds nothing in a sound tree, having read all of it', async () => {
    const report = await checkStructure(plant(sound), rooms);
    expect(report.problems).toEqual([]);
    expect(report.modules).toBe(Object.keys(sound).length);
  });

  it.each([
    ['a direction that is not allowed', 'api/wrong.ts', `import '../controllers/server.ts';`, /^api-imports/],
    [
      'a type-only import against the direction',
      'core/wrong.ts',
      `import type { api } from '../api/index.ts'; export type A = typeof api;`,
      /^core-imports/,
    ],
    [
      "a room's inner file instead of its index",
      'controllers/wrong.ts',
      `import '../operator/runtime/queue.ts';`,
      /^controllers-imports/,
    ],
    [
      'a room that imports a test',
      'api/wrong.ts',
      `import '../test/helper.ts';`,
      /^no-room-imports-a-workshop|^api-imports/,
    ],
    ['a cycle', 'core/wrong.ts', `import './wrong-too.ts'; export const a = 1;`, /^no-cycles/],
  ])('finds %s', async (_reason, path, text, expected) => {
    const planted = {
      ...sound,
      'test/helper.ts': 'export const helper = 1;',
      'core/wrong-too.ts': `import './wrong.ts';`,
      'core/wrong.ts': 'export const harmless = 1;',
      [path]: text,
    };
    if (path !== 'core/wrong.ts') planted['core/wrong-too.ts'] = 'export const harmless = 2;';
    const { problems } = await checkStructure(plant(planted), rooms);
    expect(problems.filter((problem) => expected.test(problem))).not.toEqual([]);
  });

  it('fails when a room was not read at all', async () => {
    const { 'api/index.ts': _removed, 'controllers/server.ts': _alsoRemoved, ...rest } = sound;
    const { problems } = await checkStructure(
      plant({ ...rest, 'api/.keep': '', 'controllers/.keep': '' }),
      rooms,
    );
    expect(problems).toContain('nothing was read below api/: the check would pass on anything');
  });
});
