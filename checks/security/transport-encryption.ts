import type { TLSHandshake } from '../../mcp/index.ts';
import type { Check, Verdict } from '../engine/check.ts';
import type { CheckContext, Declared } from '../engine/context.ts';
import { verdict } from '../engine/verdict.ts';
import { parameter } from './verdicts.ts';

const DEFAULT_MINIMUM_DAYS = 14;

/** MCP-S11. Looks at the endpoint that is declared; certificates are looked at, nothing is sent. */
export const transportEncryption: Check = {
  id: 'MCP-S11',
  family: 'S',
  title: 'the endpoint is https with TLS 1.2 or later and a certificate that is valid for two more weeks',
  severity: 'high',
  eras: [],
  withoutOpening: true,
  scored: true,
  cost: { requests: 0 },
  rationale:
    'Tokens and everything tools return travel over this connection; and a certificate that runs out stops every client at once.',
  remediation: {
    kind: 'approval',
    text: 'Serve https with TLS 1.2 and 1.3 alone, request a certificate of an authority that clients trust, and renew it in time.',
  },
  references: [
    'OWASP AISVS 10.3.1',
    'RFC 9325 section 3.1.1',
    'RFC 6750 section 5.3',
    'MCP 2026-07-28 basic/authorization/security-considerations',
  ],
  parameters: {
    minimumDays: {
      description: 'Days for which the certificate must still be valid.',
      default: DEFAULT_MINIMUM_DAYS,
    },
    allowInClusterPlaintext: {
      description: 'Whether plain http is acceptable between pods of the cluster: "true" or "false".',
      default: 'true',
    },
  },
  applies: () => ({ applies: true }),
  run: async (context) => {
    if (!context.declared.url.startsWith('https://')) return judgePlaintext(context);
    const facts = await context.ask.tlsFacts();
    if (facts.kind === 'handshake') return judgeHandshake(context, facts);
    // Without TLS there is no https; a server that is gone is no verdict on its certificate.
    return facts.reason === 'TLSFailed'
      ? verdict('Fail', `No connection with TLS 1.2 or later comes about: ${facts.message}.`)
      : verdict('Error', `The certificate could not be read: ${facts.message}.`);
  },
};

function judgePlaintext(context: CheckContext): Verdict {
  if (isLoopback(context.declared)) return verdict('NotApplicable', 'The endpoint is on this machine.');
  if (!isInCluster(context.declared)) return verdict('Fail', 'The endpoint is plain http.');
  return parameter(context, 'allowInClusterPlaintext', 'true') === 'true'
    ? verdict('NotApplicable', 'Plain http inside the cluster is allowed by the profile.')
    : verdict('Fail', 'The endpoint is plain http, which the profile does not allow inside the cluster.');
}

/** Pods have an address inside the cluster; a Service of somebody else's is one by its name. */
function isInCluster({ source, url }: Declared): boolean {
  return (
    source === 'pods' || (source === 'remote' && /\.svc(?:\.cluster\.local)?\.?$/.test(new URL(url).hostname))
  );
}

function isLoopback({ source, url }: Declared): boolean {
  return source === 'url' && /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(new URL(url).hostname);
}

function judgeHandshake(context: CheckContext, facts: TLSHandshake): Verdict {
  const details = { version: facts.version, validTo: facts.validTo };
  if (facts.problem !== undefined) {
    return verdict('Fail', `Clients cannot believe the endpoint: ${facts.problem}.`, [], details);
  }
  if (facts.acceptsOldVersions) {
    return verdict('Fail', 'TLS 1.0 or 1.1 is still accepted.', [], details);
  }
  if (facts.daysLeft <= parameter(context, 'minimumDays', DEFAULT_MINIMUM_DAYS)) {
    return verdict(
      'Fail',
      'The certificate runs out within the days that the profile asks for.',
      [],
      details,
    );
  }
  return verdict('Pass', 'The endpoint is https, with a certificate that clients believe.', [], details);
}
