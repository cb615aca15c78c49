import { describe, expect, it } from 'vitest';
import { mcpServerCustomResource } from '../../../api/index.ts';
import { customResourceDefinition } from '../crds.ts';
import { CA_BUNDLE, SECRET_LISTS, SLOTS, creatorAuthority } from './creator-authority.ts';

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly maxItems?: number;
}

/** Paths below which references are the kubelet's: it reads them for a pod, which `create pods` covers. */
const KUBELET = [/^spec\.env(From)?\[/, /^spec\.volumes\[/, /^spec\.podTemplate\./, /imagePullSecrets\[/];

const spec = JSON.parse(JSON.stringify(customResourceDefinition(mcpServerCustomResource))).spec.versions[0]
  .schema.openAPIV3Schema.properties.spec as Schema;

/** Every path of the schema, entries of lists as `[]`, with its schema. */
function paths(schema: Schema, path: string): (readonly [string, Schema])[] {
  const members = Object.entries(schema.properties ?? {}).flatMap(([name, member]) =>
    paths(member, `${path}.${name}`),
  );
  const items = schema.items === undefined ? [] : paths(schema.items, `${path}[]`);
  return [[path, schema], ...members, ...items];
}

describe('creatorAuthority', () => {
  const all = new Map(paths(spec, 'spec'));

  it('covers every Secret that the schema lets the operator read', () => {
    const references = [...all.keys()].filter((path) => /secret(KeyRef|Ref|Name)$/i.test(path));
    const own = references.filter((path) => !KUBELET.some((pattern) => pattern.test(path)));
    const covered = [...SECRET_LISTS.map(({ path }) => `${path}[].secretKeyRef`), CA_BUNDLE];
    expect(own.toSorted()).toEqual(covered.toSorted());
    expect(references.length).toBeGreaterThan(own.length);
  });

  it.each(SECRET_LISTS.map(({ path }) => path))('has a slot for every entry that %s may hold', (path) => {
    expect(all.get(path)?.maxItems).toBe(SLOTS);
  });

  it('stays within the cost that CEL may have', () => {
    const { validations } = creatorAuthority() as { validations: { expression: string }[] };
    const questions = validations.map(({ expression }) => expression.split('authorizer.').length - 1);
    expect(Math.max(...questions)).toBe(1);
    expect(questions.reduce((sum, count) => sum + count, 0) * 350_000).toBeLessThan(10_000_000);
  });
});
