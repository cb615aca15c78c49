/** Addresses to listen on, as Kubernetes' flags spell them: `:8080`, `127.0.0.1:8080`, `[::1]:8080`, and `0` for off. */
import { ConfigError } from '../../../core/errors.ts';

/** Where to listen. No host means every interface. */
export interface BindAddress {
  readonly host: string | undefined;
  readonly port: number;
}

/**
 * @returns undefined for `0`: do not listen.
 * @throws ConfigError when `text` is no address.
 */
export function parseBindAddress(text: string): BindAddress | undefined {
  if (text === '0') return undefined;
  const [, host = '', port = ''] = /^(.*):(\d{1,5})$/.exec(text) ?? [];
  if (port === '' || Number(port) > 65_535) {
    throw new ConfigError(`bind address "${text}" must be [host]:port, such as :8080, or 0 to turn it off`);
  }
  return { host: host.replace(/^\[|\]$/g, '') || undefined, port: Number(port) };
}
