/** The family of the protocol: whether a server speaks MCP as the revision it names says, in each era that it speaks. */
import type { Check } from '../engine/check.ts';
import { cachingHints } from './caching-hints.ts';
import { capabilities } from './capabilities.ts';
import { deprecatedTransport } from './deprecated-transport.ts';
import { malformedRequests } from './malformed-requests.ts';
import { protocolVersion } from './protocol-version.ts';
import { requestMetadata } from './request-metadata.ts';
import { sessions } from './sessions.ts';
import { toolDefinitions } from './tool-definitions.ts';
import { unknownVersion } from './unknown-version.ts';
import { wireMessages } from './wire-messages.ts';

/** By id. */
export const PROTOCOL_CHECKS: readonly Check[] = [
  protocolVersion,
  unknownVersion,
  requestMetadata,
  malformedRequests,
  wireMessages,
  capabilities,
  toolDefinitions,
  cachingHints,
  sessions,
  deprecatedTransport,
];
