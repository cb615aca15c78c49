import type { Check } from '../engine/check.ts';
import { verdict } from '../engine/verdict.ts';

/**
 * Why there is nothing to judge. An MCPServer is reached directly through its Service. `headersFrom`, the only place where headers are
 * configured, takes values from Secrets and is read by the operator's own probe, and no object that is rendered has a way to copy a header.
 */
const REASON =
  'Nothing of ours stands between clients and the server: no field of an MCPServer forwards what callers send.';

/** MCP-S07. With a gateway that forwards requests there will be configuration to judge; until then to say Pass would say that somebody looked. */
export const tokenPassthrough: Check = {
  id: 'MCP-S07',
  family: 'S',
  title: 'no configuration of ours forwards an inbound Authorization upstream',
  severity: 'critical',
  eras: [],
  withoutOpening: true,
  scored: true,
  cost: { requests: 0 },
  rationale:
    "A token that is passed on lets the next server act as its owner, and makes every server's log show the wrong caller.",
  remediation: {
    kind: 'approval',
    text: 'Strip the inbound Authorization header, and give the upstream a credential of its own.',
  },
  references: [
    'OWASP AISVS 10.2.7',
    'MCP 2026-07-28 basic/authorization: Token Handling',
    'MCP security best practices: Token Passthrough',
  ],
  applies: () => ({ applies: false, reason: REASON }),
  run: () => verdict('NotApplicable', REASON),
};
