/** Under which names API servers know the webhook server. */

/** The Service before the webhook server. */
export interface ServiceName {
  readonly namespace: string;
  readonly name: string;
}

/** API servers ask for the first, whatever the cluster's domain is; people and tools in the default domain may ask for the second. */
export function dnsNamesOf({ namespace, name }: ServiceName): readonly string[] {
  return [`${name}.${namespace}.svc`, `${name}.${namespace}.svc.cluster.local`];
}
