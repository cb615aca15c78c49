import { describe, expect, it } from 'vitest';
import { imageValues } from './install.ts';

describe('imageValues', () => {
  it.each([
    {
      reference: 'localhost/mcp-operator:dev',
      values: ['image.repository=localhost/mcp-operator', 'image.tag=dev'],
    },
    { reference: 'registry:5000/mcp-operator', values: ['image.repository=registry:5000/mcp-operator'] },
    {
      reference: 'registry:5000/team/mcp-operator:1@sha256:abc',
      values: ['image.repository=registry:5000/team/mcp-operator', 'image.tag=1', 'image.digest=sha256:abc'],
    },
  ])('$reference', ({ reference, values }) => {
    expect(imageValues(reference)).toEqual(values);
  });
});
