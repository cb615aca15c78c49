/**
 * The certificate that a replica serves: what the Secret holds, as soon as it holds it, if it can be served at all. A Secret that is
 * gone or spoilt takes nothing away from a replica that has a certificate already.
 */
import type { X509Certificate } from 'node:crypto';
import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/logger.ts';
import type { CertificateSource, ServingCertificate } from '../server/certificate.ts';
import type { CertificateMetrics } from './metrics.ts';
import type { ServiceName } from './names.ts';
import { issuerAmong, readServing, trustedCAs, type StoredCertificates } from './stored.ts';

export interface StoredCertificateSourceOptions {
  readonly service: ServiceName;
  readonly metrics: CertificateMetrics;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A source that is told what is stored. */
export class StoredCertificateSource implements CertificateSource {
  readonly #options: StoredCertificateSourceOptions;
  readonly #listeners: (() => void)[] = [];
  #current: ServingCertificate | undefined;

  constructor(options: StoredCertificateSourceOptions) {
    this.#options = options;
  }

  current(): ServingCertificate | undefined {
    return this.#current;
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /**
   * Takes over the serving certificate, unless it is the one already served. Its dates do not matter here: API servers judge them by
   * their clocks, and this replica's may be wrong.
   */
  load(stored: StoredCertificates): void {
    const { service, logger } = this.#options;
    const certificate = readServing(stored, service);
    if (typeof certificate === 'string') {
      logger.warn('the stored webhook certificate cannot be served', { problem: certificate });
      return;
    }
    this.#measure(certificate, stored);
    const { cert, key } = stored;
    if (cert === this.#current?.cert && key === this.#current.key) return;
    this.#current = { cert, key };
    logger.info('serving a webhook certificate', {
      serial: certificate.serialNumber,
      expires: certificate.validToDate,
    });
    for (const listener of this.#listeners) listener();
  }

  #measure(certificate: X509Certificate, stored: StoredCertificates): void {
    const { metrics, clock } = this.#options;
    const ca = issuerAmong(trustedCAs(stored, clock.now()), certificate);
    metrics.served({ serving: certificate.validToDate, ca: ca?.validToDate });
  }
}
