import { describe, expect, it } from 'vitest';
import { fingerprintOf, succession, type LockObject } from './fingerprint.ts';

const policy = (generation: number, change: Partial<LockObject> = {}): LockObject => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingAdmissionPolicy',
  metadata: { name: 'lock', uid: 'policy', generation },
  spec: { failurePolicy: 'Fail' },
  ...change,
});
const webhooks = (generation: number, caBundle: string, failurePolicy = 'Fail'): LockObject => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingWebhookConfiguration',
  metadata: { name: 'lock', uid: 'webhooks', generation },
  webhooks: [{ name: 'one.example.com', failurePolicy, clientConfig: { caBundle } }],
});

describe('two looks at the locks', () => {
  const before = fingerprintOf([webhooks(3, 'old'), policy(1)]);
  it.each<[string, readonly LockObject[], ReturnType<typeof succession>]>([
    ['of what nobody touched', [webhooks(3, 'old'), policy(1)], 'same'],
    ['around a renewed certificate', [webhooks(4, 'new'), policy(1)], 'renewed'],
    ['around two writes of the certificate', [webhooks(5, 'new'), policy(1)], 'broken'],
    ['of webhooks that let pass what they cannot ask', [webhooks(4, 'old', 'Ignore'), policy(1)], 'broken'],
    ['of a policy that was changed and put back', [webhooks(3, 'old'), policy(3)], 'broken'],
    ['of a policy that was written once, as it was', [webhooks(3, 'old'), policy(2)], 'broken'],
    [
      'of a policy that was deleted and made again',
      [webhooks(3, 'old'), policy(1, { metadata: { name: 'lock', uid: 'another', generation: 1 } })],
      'broken',
    ],
    ['of one object more', [webhooks(3, 'old'), policy(1), policy(1)], 'broken'],
  ])('%s', (_reason, objects, expected) => {
    expect(succession(before, fingerprintOf(objects))).toBe(expected);
  });

  it('tell nothing of a certificate', () => {
    expect(before).not.toContain('old');
    expect(before.split('/')[1]).toBe('w3.p1');
  });
});
