import { describe, expect, it } from 'vitest';
import { imageValues, storeValues } from './install.ts';

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

describe('storeValues', () => {
  const owned = (release: string): string =>
    JSON.stringify({ metadata: { annotations: { 'meta.helm.sh/release-name': release } } });

  it.each([
    { reason: 'nobody has', text: '', installs: true },
    { reason: 'the demo has', text: owned('mcp-operator'), installs: true },
    { reason: 'another release has', text: owned('policy-reporter'), installs: false },
    { reason: 'somebody has without Helm', text: '{"metadata": {}}', installs: false },
  ])('brings the API of reports where $reason', async ({ text, installs }) => {
    const values = await storeValues(() => Promise.resolve(text));
    expect(values).toEqual(['replicas=1', 'store.mode=Embedded', `reports.installCRDs=${installs}`]);
  });
});
