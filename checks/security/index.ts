/** Family S as far as it asks the server: who gets in, what protects the way to it, and whether it shows everybody the same. */
import type { Check } from '../engine/check.ts';
import { authenticationRequired } from './authentication-required.ts';
import { badTokens } from './bad-tokens.ts';
import { baitAndSwitch } from './bait-and-switch.ts';
import { definitionsBaseline } from './definitions-baseline.ts';
import { foreignHost } from './foreign-host.ts';
import { foreignOrigin } from './foreign-origin.ts';
import { issuerMetadata } from './issuer-metadata.ts';
import { metadataDiscovery } from './metadata-discovery.ts';
import { queryToken } from './query-token.ts';
import { resourceMetadataValid } from './resource-metadata-valid.ts';
import { tokenPassthrough } from './token-passthrough.ts';
import { transportEncryption } from './transport-encryption.ts';

export { SHARED_REQUESTS } from './anonymous.ts';

/** In the order of their ids. */
export const SECURITY_CHECKS: readonly Check[] = [
  authenticationRequired,
  metadataDiscovery,
  resourceMetadataValid,
  issuerMetadata,
  badTokens,
  queryToken,
  tokenPassthrough,
  foreignOrigin,
  foreignHost,
  transportEncryption,
  definitionsBaseline,
  baitAndSwitch,
];
