/**
 * What the webhook configurations must say, and since when they do. Pure, but for the memory of since when: that begins anew with
 * each leader, who can only wait too long for it.
 */
import type { KubernetesObject } from '../../operator/runtime/index.ts';
import type { WebhookConfiguration } from './kinds.ts';
import { trustedCAs, type StoredCertificates } from './stored.ts';

/**
 * The `caBundle` that API servers are to check the server with, in Base64; undefined when there is no CA. It is written anew from
 * what could be read: one bad line in a bundle makes an API server refuse all of it.
 */
export function caBundleOf(stored: StoredCertificates, now: Date): string | undefined {
  const cas = trustedCAs(stored, now);
  if (cas.length === 0) return undefined;
  return Buffer.from(cas.map((ca) => ca.toString()).join('')).toString('base64');
}

/** Whether every webhook of the configuration has this bundle. */
export function hasCABundle({ webhooks = [] }: WebhookConfiguration, caBundle: string): boolean {
  return webhooks.every(({ clientConfig }) => clientConfig.caBundle === caBundle);
}

/**
 * The apply that gives every webhook this bundle, and claims nothing else of it. Bound to what was looked at: an apply to a
 * configuration, or an entry, that is gone would ask the API server to make one of nothing but a bundle.
 */
export function caBundleIntent(configuration: WebhookConfiguration, caBundle: string): KubernetesObject {
  const { apiVersion, kind, metadata, webhooks = [] } = configuration;
  const { name, uid, resourceVersion } = metadata;
  const intent = {
    apiVersion,
    kind,
    metadata: {
      name,
      ...(uid !== undefined && { uid }),
      ...(resourceVersion !== undefined && { resourceVersion }),
    },
    webhooks: webhooks.map((webhook) => ({ name: webhook.name, clientConfig: { caBundle } })),
  };
  return intent;
}

/** Remembers since when the same bundle has been seen everywhere. */
export class PublicationMemory {
  #caBundle: string | undefined;
  #sinceMs = 0;

  /**
   * @param published the bundle that every configuration has; undefined when one has another.
   * @param nowMs of a clock that nobody sets.
   * @returns for how long; undefined when it is not published.
   */
  publishedForMs(published: string | undefined, nowMs: number): number | undefined {
    if (published !== this.#caBundle) {
      this.#caBundle = published;
      this.#sinceMs = nowMs;
    }
    return published === undefined ? undefined : nowMs - this.#sinceMs;
  }
}
