/**
 * Checks import directions and cycles with dependency-cruiser. A tool that reads nothing finds nothing wrong, so the check
 * also insists that every room was read: dependency-cruiser once passed with "0 modules" on a compiler it did not know.
 */
import { extname } from 'node:path';
import { cruise, type ICruiseResult, type IFlattenedRuleSet } from 'dependency-cruiser';
import { ROOMS, WORKSHOPS } from './rooms.ts';

/** What a check of one tree found. `problems` is empty when the tree is sound. */
export interface StructureReport {
  readonly modules: number;
  readonly problems: readonly string[];
}

/**
 * Reads the rooms below `directory` and holds them against {@link ROOMS}.
 * @param rooms the table to check against; a test passes a smaller one for a planted tree.
 */
export async function checkStructure(
  directory: string,
  rooms: Readonly<Record<string, readonly string[]>> = ROOMS,
): Promise<StructureReport> {
  const roots = topFolders(rooms);
  const { output } = await cruise(
    roots,
    {
      baseDir: directory,
      doNotFollow: { path: 'node_modules' },
      exclude: { path: '\\.test\\.ts$' },
      validate: true,
      parser: 'swc',
      ruleSet: rulesFor(rooms),
    },
    { extensions: ['.ts', '.js', '.json'], conditionNames: ['import', 'node'], exportsFields: ['exports'] },
  );
  if (typeof output === 'string') throw new Error('dependency-cruiser answered with text, not with a result');
  return { modules: output.modules.length, problems: [...violations(output), ...unread(output, roots)] };
}

function topFolders(rooms: Readonly<Record<string, readonly string[]>>): string[] {
  const names = Object.keys(rooms);
  return names.filter((name) => !names.some((other) => name.startsWith(`${other}/`)));
}

function rulesFor(rooms: Readonly<Record<string, readonly string[]>>): IFlattenedRuleSet {
  const directions = Object.entries(rooms).map(([room, allowed]) => ({
    name: `${room}-imports`,
    severity: 'error' as const,
    from: { path: `^${room}/`, pathNot: nested(room, rooms) },
    to: {
      dependencyTypes: ['local' as const],
      pathNot: [room, 'core', ...allowed].map((path) => (extname(path) === '' ? `^${path}/` : `^${path}$`)),
    },
  }));
  const workshops = {
    name: 'no-room-imports-a-workshop',
    severity: 'error' as const,
    from: { path: Object.keys(rooms).map((room) => `^${room}/`) },
    to: { path: WORKSHOPS.map((name) => `^${name}/`) },
  };
  const cycles = { name: 'no-cycles', severity: 'error' as const, from: {}, to: { circular: true } };
  return { forbidden: [...directions, workshops, cycles] };
}

/** `operator/runtime` is a room inside `operator`: the outer room's permissions must not leak into it. */
function nested(room: string, rooms: Readonly<Record<string, readonly string[]>>): string[] {
  return Object.keys(rooms)
    .filter((other) => other.startsWith(`${room}/`))
    .map((other) => `^${other}/`);
}

function violations(result: ICruiseResult): string[] {
  return result.summary.violations.map(
    ({ rule, from, to }) => `${rule.name}: ${from} imports ${to}; see hack/structure/rooms.ts`,
  );
}

function unread(result: ICruiseResult, roots: readonly string[]): string[] {
  return roots
    .filter((root) => !result.modules.some((module) => module.source.startsWith(`${root}/`)))
    .map((root) => `nothing was read below ${root}/: the check would pass on anything`);
}
