/** Writes the three faces of the chart's values: `values.yaml`, `values.schema.json` and the README's table. */
import { stringify } from 'yaml';
import { isSection, type ValueSchema } from './schema.ts';

const COMMENT_WIDTH = 100;

/** `values.yaml`: every value with its default, each below the sentence that explains it. */
export function valuesYaml(root: ValueSchema): string {
  const head = comment('Generated from hack/generate/chart/values.ts by `make generate`.', '');
  return `${head}\n${yamlOf(root, '')}`;
}

/** `values.schema.json`: what Helm checks on install, upgrade, lint and template. */
export function valuesSchema(root: ValueSchema): string {
  return JSON.stringify({ $schema: 'http://json-schema.org/draft-07/schema#', ...root });
}

/** The README's table: one row a value, path and default as one would write them on the command line. */
export function valuesTable(root: ValueSchema): string {
  const rows = leaves(root, '').map(
    ([path, schema]) =>
      `| \`${path}\` | \`${JSON.stringify(schema.default)}\` | ${cell(schema.description)} |`,
  );
  return ['| Value | Default | Meaning |', '| --- | --- | --- |', ...rows].join('\n');
}

/** Every value that is not a section, by its dotted path. */
export function leaves(schema: ValueSchema, path: string): (readonly [string, ValueSchema])[] {
  if (!isSection(schema)) return [[path, schema]];
  return Object.entries(schema.properties).flatMap(([name, value]) =>
    leaves(value, path === '' ? name : `${path}.${name}`),
  );
}

function yamlOf(schema: ValueSchema, indent: string): string {
  return Object.entries(schema.properties ?? {})
    .map(([name, value]) => `${comment(value.description, indent)}${entry(name, value, indent)}`)
    .join('\n');
}

function entry(name: string, schema: ValueSchema, indent: string): string {
  if (isSection(schema)) return `${indent}${name}:\n${yamlOf(schema, `${indent}  `)}`;
  return stringify({ [name]: schema.default }).replaceAll(/^(?=.)/gm, indent);
}

function comment(description: string, indent: string): string {
  const lines: string[] = [];
  for (const word of description.split(' ')) {
    const last = lines.at(-1);
    const fits = last !== undefined && last.length + word.length < COMMENT_WIDTH - indent.length;
    if (fits) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(`${indent}# ${word}`);
  }
  return `${lines.join('\n')}\n`;
}

function cell(description: string): string {
  return description.replaceAll('|', '\\|');
}
