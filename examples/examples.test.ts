import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { mcpServerResource, validateMCPServer } from '../api/index.ts';

const FOLDER = new URL('.', import.meta.url);
const manifests = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'));
const read = (name: string): string => readFileSync(new URL(name, FOLDER), 'utf8');

describe('examples', () => {
  it.each(manifests)('%s holds valid MCPServers', (name) => {
    const objects = parseAllDocuments(read(name)).map((document): unknown => document.toJS());
    const servers = objects.filter(isServer);
    expect(servers.map(validateMCPServer)).toEqual(
      servers.map(() => expect.objectContaining({ valid: true })),
    );
  });

  it('are listed in the README, each with what it shows', () => {
    const readme = read('README.md');
    expect(manifests.filter((name) => !readme.includes(`](${name})`))).toEqual([]);
  });
});

function isServer(object: unknown): boolean {
  return (
    typeof object === 'object' &&
    object !== null &&
    'kind' in object &&
    object.kind === mcpServerResource.kind
  );
}
