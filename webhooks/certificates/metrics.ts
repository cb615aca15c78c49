/** When the certificates end, for an alert long before they do. */
import { Gauge, type Registry } from 'prom-client';

/** @see createCertificateMetrics */
export interface CertificateMetrics {
  /** @param ca the end of the CA that vouches for the serving certificate; undefined when no stored CA does. */
  served(ends: { readonly serving: Date; readonly ca: Date | undefined }): void;
}

/** Registers the metrics. Each replica tells of what it serves itself. */
export function createCertificateMetrics(registry: Registry): CertificateMetrics {
  const expiry = new Gauge({
    name: 'mcp_operator_webhook_certificate_expiry_timestamp_seconds',
    help: 'When the webhook certificate that this replica serves, and the CA that vouches for it, expire: seconds since 1970.',
    labelNames: ['certificate'] as const,
    registers: [registry],
  });
  const set = (certificate: string, date: Date): void => expiry.set({ certificate }, date.getTime() / 1000);
  return {
    served: ({ serving, ca }) => {
      set('serving', serving);
      if (ca === undefined) expiry.remove({ certificate: 'ca' });
      else set('ca', ca);
    },
  };
}
