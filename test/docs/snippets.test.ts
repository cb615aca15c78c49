import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { validateMCPServer } from '../../api/index.ts';

const PAGES = ['README.md', 'docs/getting-started.md'];

describe('manifests in the documentation', () => {
  it.each(PAGES)('%s shows valid MCPServers', (page) => {
    const blocks = [...readFileSync(page, 'utf8').matchAll(/```yaml\n(.*?)```/gs)].map(
      ([, yaml = '']) => yaml,
    );
    const objects = blocks.flatMap((yaml) =>
      parseAllDocuments(yaml).map((document): unknown => document.toJS()),
    );
    expect(objects.length).toBeGreaterThan(0);
    expect(objects.map(validateMCPServer)).toEqual(
      objects.map(() => expect.objectContaining({ valid: true })),
    );
  });
});
