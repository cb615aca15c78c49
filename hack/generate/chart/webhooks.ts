/**
 * The webhooks of each configuration as the chart completes them: the operator's own catalogue, and the path at which each is served. The name
 * of the Service and the namespaces are the installation's.
 */
import { WEBHOOKS, webhookSettings, type Webhook } from '../../../webhooks/index.ts';

/** @returns the `webhooks` of a MutatingWebhookConfiguration or a ValidatingWebhookConfiguration. */
export function webhooksOf(type: Webhook['type']): readonly object[] {
  return WEBHOOKS.filter((webhook) => webhook.type === type).map((webhook) => ({
    ...webhookSettings(webhook),
    clientConfig: { service: { path: webhook.path, port: 443 } },
  }));
}
