import { describe, expect, it } from 'vitest';
import type { WebhookConfiguration } from './kinds.ts';
import { caBundleIntent, caBundleOf, hasCABundle, PublicationMemory } from './publication.ts';
import { at, DAY_MS, fresh, NOTHING } from './testing/certificates.ts';

const stored = fresh();

function configuration(...caBundles: (string | undefined)[]): WebhookConfiguration {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: 'mcp-operator', uid: '1', resourceVersion: '2', labels: { of: 'the chart' } },
    webhooks: caBundles.map((caBundle, index) => ({
      name: `${index}.example.com`,
      clientConfig: { service: { name: 'x' }, ...(caBundle !== undefined && { caBundle }) },
      sideEffects: 'None',
    })),
  };
}

describe('what is published', () => {
  const text = (ca: string, days = 0): string | undefined => {
    const bundle = caBundleOf({ ...stored, ca }, at(days * DAY_MS));
    return bundle === undefined ? undefined : Buffer.from(bundle, 'base64').toString();
  };
  const other = fresh().ca;

  it.each<[string, string | undefined, string | undefined]>([
    ['every CA, in order', text(stored.ca + other), stored.ca + other],
    ['no text around them', text(`# ours\n${stored.ca}\r\nthe end`), stored.ca],
    ['no certificate of a server', text(stored.cert + stored.ca), stored.ca],
    ['no CA that has expired', text(stored.ca, 365), undefined],
    [
      'nothing, rather than an empty bundle, which an API server takes for its own CAs',
      text(NOTHING.ca),
      undefined,
    ],
  ])('%s', (_reason, published, expected) => {
    expect(published).toBe(expected);
  });

  it('never a key', () => {
    expect(text(stored.ca + stored.caKey + stored.key)).toBe(stored.ca);
  });
});

describe('a configuration', () => {
  it.each<[string, WebhookConfiguration, boolean]>([
    ['has the bundle when each webhook has it', configuration('A', 'A'), true],
    ['has it not when one has none', configuration('A', undefined), false],
    ['has it not when one has another', configuration('B', 'A'), false],
    ['has all that it can have when it has no webhook', configuration(), true],
  ])('%s', (_reason, object, has) => {
    expect(hasCABundle(object, 'A')).toBe(has);
  });

  it('is told the bundle of each webhook, and nothing that the chart says', () => {
    expect(caBundleIntent(configuration('B', undefined), 'A')).toEqual({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: 'mcp-operator', uid: '1', resourceVersion: '2' },
      webhooks: [
        { name: '0.example.com', clientConfig: { caBundle: 'A' } },
        { name: '1.example.com', clientConfig: { caBundle: 'A' } },
      ],
    });
  });
});

describe('since when a bundle is published', () => {
  it.each<[string, readonly (readonly [string | undefined, number])[], number | undefined]>([
    [
      'counts from when it was first seen',
      [
        ['A', 5],
        ['A', 7],
        ['A', 12],
      ],
      7,
    ],
    [
      'counts anew when it is another',
      [
        ['A', 5],
        ['B', 7],
        ['B', 12],
      ],
      5,
    ],
    [
      'counts anew when somebody took it away in between',
      [
        ['A', 5],
        [undefined, 7],
        ['A', 12],
      ],
      0,
    ],
    [
      'does not count while it is not',
      [
        ['A', 5],
        [undefined, 12],
      ],
      undefined,
    ],
  ])('%s', (_reason, looks, expected) => {
    const memory = new PublicationMemory();
    expect(looks.map(([published, nowMs]) => memory.publishedForMs(published, nowMs)).at(-1)).toBe(expected);
  });
});
