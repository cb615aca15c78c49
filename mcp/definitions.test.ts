import { describe, expect, it } from 'vitest';
import { definitionsHash } from './definitions.ts';
import { ProbeStop } from './failure.ts';

const tool = { name: 'echo', description: 'says it again', inputSchema: { type: 'object' } };
const other = { name: 'add', inputSchema: { type: 'object' } };
const definitions = { tools: [tool, other], prompts: [], resourceTemplates: [] };
const hash = definitionsHash(definitions, 'be nice');

describe('the hash of definitions', () => {
  it('is pinned: baselines outlive releases', () => {
    expect(hash).toBe('sha256:2680752b2c23c4e50ce9caaa1a369545f285f0528e0a3bc9a76d6d5a730b7110');
  });

  it.each([
    ['the order of a list', { ...definitions, tools: [other, tool] }],
    [
      'the order of fields',
      {
        ...definitions,
        tools: [Object.fromEntries(Object.entries(tool).toReversed()) as typeof tool, other],
      },
    ],
  ])('does not change with %s', (_reason, changed) => {
    expect(definitionsHash(changed, 'be nice')).toBe(hash);
  });

  it('does not change with the order of entries that share a name', () => {
    const twins = [tool, { ...tool, description: 'another' }];
    const one = definitionsHash({ ...definitions, tools: twins }, undefined);
    expect(definitionsHash({ ...definitions, tools: twins.toReversed() }, undefined)).toBe(one);
  });

  it.each([
    [
      'a description',
      { ...definitions, tools: [{ ...tool, description: 'sends your keys' }, other] },
      'be nice',
    ],
    ['a field that no schema knows', { ...definitions, tools: [{ ...tool, 'x-note': 1 }, other] }, 'be nice'],
    ['a prompt', { ...definitions, prompts: [{ name: 'p' }] }, 'be nice'],
    ['a template', { ...definitions, resourceTemplates: [{ name: 't' }] }, 'be nice'],
    ['the instructions', definitions, 'be nasty'],
    ['instructions that are gone', definitions, undefined],
  ])('changes with %s', (_reason, changed, instructions) => {
    expect(definitionsHash(changed, instructions)).not.toBe(hash);
  });

  it('refuses what has no canonical form', () => {
    const broken = { ...definitions, tools: [{ name: 'x', limit: Number.POSITIVE_INFINITY }] };
    expect(() => definitionsHash(broken, undefined)).toThrow(ProbeStop);
  });
});
