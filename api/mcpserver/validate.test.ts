import { describe, expect, it } from 'vitest';
import { defaultMCPServer } from './manifest.ts';
import { validateMCPServer } from './validate.ts';

const IDENTITY = { apiVersion: 'mcp.kilocode.ai/v1alpha1', kind: 'MCPServer' };
const spec = { source: { image: { ref: 'example.com/server:1' } } };

describe('validateMCPServer', () => {
  it('returns the server with its defaults', () => {
    const manifest = { ...IDENTITY, metadata: { name: 'a', namespace: 'b' }, spec };
    const expected = {
      valid: true,
      server: defaultMCPServer({ metadata: { name: 'a', namespace: 'b' }, spec }),
    };
    expect(validateMCPServer(manifest)).toEqual(expected);
  });

  it('takes the namespace default where a file names none', () => {
    const validation = validateMCPServer({ ...IDENTITY, metadata: { name: 'a' }, spec });
    expect(validation).toMatchObject({ server: { metadata: { namespace: 'default' } } });
  });

  it.each([
    { reason: 'not an object', value: 'text', paths: ['apiVersion', 'kind', 'metadata.name', ''] },
    { reason: 'nothing', value: null, paths: ['apiVersion', 'kind', 'metadata.name', ''] },
    {
      reason: 'another kind',
      value: { ...IDENTITY, kind: 'Pod', metadata: { name: 'a' }, spec },
      paths: ['kind'],
    },
    { reason: 'no name', value: { ...IDENTITY, metadata: {}, spec }, paths: ['metadata.name'] },
    { reason: 'no spec', value: { ...IDENTITY, metadata: { name: 'a' } }, paths: ['spec'] },
    {
      reason: 'several fields',
      value: {
        ...IDENTITY,
        metadata: { name: 'a' },
        spec: { ...spec, transport: { port: 0, type: 'Stdio' } },
      },
      paths: ['spec.transport.type', 'spec.transport.port'],
    },
  ])('names the fields that are wrong: $reason', ({ value, paths }) => {
    const validation = validateMCPServer(value);
    expect(validation.valid ? [] : validation.errors.map(({ path }) => path)).toEqual(paths);
  });
});
