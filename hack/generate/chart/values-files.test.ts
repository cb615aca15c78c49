import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { flag, list, section, text } from './schema.ts';
import { CHART_VALUES } from './values.ts';
import { leaves, valuesSchema, valuesTable, valuesYaml } from './values-files.ts';

const sample = section('Sample.', {
  verbose: flag('Say more.', false),
  server: section('The server.', {
    host: text('Where it is; `a | b`.', 'localhost'),
    ports: list(
      `Where it listens. ${'Words that fill a line. '.repeat(6)}`.trim(),
      { type: 'integer' },
      [1, 2],
    ),
  }),
});

describe('the files of values', () => {
  it('hold every default below its explanation', () => {
    const yaml = valuesYaml(sample);
    expect(parse(yaml)).toEqual({ verbose: false, server: { host: 'localhost', ports: [1, 2] } });
    expect(yaml).toContain('# Say more.\nverbose: false\n');
    expect(Math.max(...yaml.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  });

  it('list every value once in the table', () => {
    const rows = valuesTable(sample).split('\n').slice(2);
    expect(rows.map((row) => row.split('`')[1])).toEqual(['verbose', 'server.host', 'server.ports']);
    expect(rows[1]).toContain(String.raw`a \| b`);
  });

  it('accept their own defaults', () => {
    const validate = new Ajv({ allowUnionTypes: true }).compile(JSON.parse(valuesSchema(CHART_VALUES)));
    expect(validate(parse(valuesYaml(CHART_VALUES))), JSON.stringify(validate.errors)).toBe(true);
  });

  it.each(leaves(CHART_VALUES, ''))('explain %s in a sentence', (_path, { description }) => {
    expect(description).toMatch(/^[A-Z].*\.$/);
  });
});
