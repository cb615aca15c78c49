import { describe, expect, it } from 'vitest';
import { ROOTS, SELECTION } from '../../api/kubernetes/selection.ts';
import { type OpenApiDocument, kubernetesTypes } from './kubernetes-types.ts';

const PREFIX = 'io.k8s.api.core.v1.';
const TEXT = {
  type: 'string',
  default: '',
  description: 'A text (e.g. a word) that says a little more than sixty characters can hold. And more.',
};

/** A document with every type the selection names; each selected field is a string. */
function documentWith(schemas: OpenApiDocument['components']['schemas']): OpenApiDocument {
  const empty = ROOTS.map((name) => [`${PREFIX}${name}`, { type: 'object', properties: {} }] as const);
  const selected = Object.entries(SELECTION).map(([name, fields]) => {
    const properties = Object.fromEntries([...fields, 'notSelected'].map((field) => [field, TEXT]));
    return [`${PREFIX}${name}`, { type: 'object', required: ['name', 'notSelected'], properties }] as const;
  });
  return { components: { schemas: { ...Object.fromEntries([...empty, ...selected]), ...schemas } } };
}

/** The table that the generated file exports. */
function generated(schemas: OpenApiDocument['components']['schemas']): unknown {
  const [text = ''] = Object.values(kubernetesTypes([documentWith(schemas)], '1.33.0'));
  return JSON.parse(text.slice(text.indexOf('= {') + 2, text.lastIndexOf(';')));
}

describe('kubernetesTypes', () => {
  it('keeps the selected fields of a selected type', () => {
    const { VolumeMount } = generated({}) as Record<string, { properties: object; required: string[] }>;
    expect(Object.keys(VolumeMount?.properties ?? {})).toEqual(SELECTION.VolumeMount);
    expect(VolumeMount?.required).toEqual(['name']);
  });

  it('follows references and makes schemas structural', () => {
    const table = generated({
      [`${PREFIX}Toleration`]: {
        type: 'object',
        properties: {
          operator: {
            allOf: [{ $ref: `#/components/schemas/${PREFIX}Operator` }],
            default: {},
            description: 'The operator. Always.',
          },
          amount: { $ref: '#/components/schemas/io.k8s.apimachinery.pkg.api.resource.Quantity' },
          port: { $ref: '#/components/schemas/io.k8s.apimachinery.pkg.util.intstr.IntOrString' },
          number: { type: 'integer', format: 'int32', default: 0 },
          protocol: { type: 'string', default: 'TCP' },
          list: { type: 'array', items: { type: 'string' } },
        },
      },
      [`${PREFIX}Operator`]: TEXT,
    });
    expect(table).toMatchObject({
      Operator: { type: 'string', description: 'A text that says a little more than sixty characters can…' },
      Toleration: {
        properties: {
          operator: { $ref: 'Operator', description: 'The operator' },
          amount: {
            'x-kubernetes-int-or-string': true,
            pattern: expect.stringContaining('KMGTPE'),
            maxLength: 64,
          },
          port: { 'x-kubernetes-int-or-string': true },
          number: { type: 'integer', format: 'int32' },
          protocol: { type: 'string', default: 'TCP' },
          list: { type: 'array', items: { type: 'string' }, maxItems: 100 },
        },
      },
    });
    expect(JSON.stringify(table)).not.toMatch(/allOf|"default":0|"default":""/);
  });

  it('says which type the API server lacks', () => {
    expect(() => kubernetesTypes([{ components: { schemas: {} } }], '1.33.0')).toThrow(
      "the API server's OpenAPI has no type Affinity: correct api/kubernetes/selection.ts",
    );
  });
});
