import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const pages = globSync(['*.md', '{docs,examples,charts,crds,hack,test}/**/*.md'], {
  exclude: (path) => path.includes('node_modules'),
});

describe('the documentation', () => {
  it('was read at all', () => {
    expect(pages).toEqual(
      expect.arrayContaining(['README.md', 'examples/README.md', 'docs/getting-started.md']),
    );
  });

  it.each(pages)('%s links to files that exist', (page) => {
    const broken = relativeLinks(readFileSync(page, 'utf8')).filter(
      (link) => !existsSync(join(dirname(page), link)),
    );
    expect(broken).toEqual([]);
  });
});

/** Targets of Markdown links, without anchors and without those that lead elsewhere. */
function relativeLinks(markdown: string): readonly string[] {
  return [...markdown.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target.split('#', 1)[0] ?? '')
    .filter((target) => target !== '' && !/^[a-z]+:/.test(target));
}
