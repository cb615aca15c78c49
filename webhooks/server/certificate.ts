/** What the webhook server asks of whoever keeps its certificate. */

/** A serving certificate and its private key, both PEM. The certificate may be followed by intermediates. */
export interface ServingCertificate {
  readonly cert: string;
  readonly key: string;
}

/** Where the serving certificate comes from, and news of its rotation. */
export interface CertificateSource {
  /** Undefined while there is none yet. */
  current(): ServingCertificate | undefined;
  /** Calls `listener` whenever {@link current} has become another. */
  onChange(listener: () => void): void;
}
