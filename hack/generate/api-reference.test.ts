import { describe, expect, it } from 'vitest';
import { apiReference } from './api-reference.ts';

describe('docs/api-reference.md', () => {
  it.each([
    ['| `spec.source.image.ref` | string, required |', 'a required field'],
    ['| `spec.transport.type` | `StreamableHTTP` or `SSE` |', 'a closed set of words'],
    ['Default: `8080`. From 1 to 65535.', 'default and limits'],
    ['| `spec.env` | []EnvVar |', 'a borrowed type by name'],
    ['| `spec.probe.headersFrom[].secretKeyRef.key` | string, required |', 'what is in a list'],
    ['- source.remote runs no pods:', 'rules'],
    ['| `status.lastProbe.podTemplateHash` | string |', 'the status'],
  ])('has %s: %s', async (text) => {
    const { 'docs/api-reference.md': page = '' } = await apiReference.outputs();
    expect(page).toContain(text);
  });

  it('does not repeat what Kubernetes documents', async () => {
    const { 'docs/api-reference.md': page = '' } = await apiReference.outputs();
    expect(page).not.toContain('spec.env[]');
  });
});
