import type { Exchange } from '../../mcp/index.ts';
import type { Check, Verdict } from '../engine/check.ts';
import type { CheckContext } from '../engine/context.ts';
import { demandForCredentials } from './anonymous.ts';
import { verdict } from '../engine/verdict.ts';
import { noAnswer, reactionOf } from './verdicts.ts';

/** Says in every server's log what it is. */
const PROBE = 'kilo-mcp-compliance-probe';
/** 2100-01-01: the token must not be refused for its age. */
const LONG_VALID = 4_102_444_800;

/**
 * MCP-S05. Both tokens are made up here and open nothing anywhere. Expired tokens, and such for another audience or of another issuer,
 * would have to be real ones: nobody can configure an issuer for tests yet, so that part is never tried, and the verdict says so.
 */
export const badTokens: Check = {
  id: 'MCP-S05',
  family: 'S',
  title: 'garbage and unsigned tokens are answered 401',
  severity: 'critical',
  eras: ['legacy', 'modern'],
  withoutOpening: true,
  scored: true,
  // One more ends the session of a token that should have opened none.
  cost: { requests: 2, toConfirm: 1 },
  rationale:
    'A server that takes any token, or one whose signature it does not check, only looks as if it asked who is there.',
  remediation: {
    kind: 'quarantine',
    text: 'Stop the server until it validates the signature, issuer, audience and age of each token.',
  },
  references: [
    'OWASP AISVS 10.2.2',
    'RFC 8707 section 2',
    'RFC 8725 section 3.1',
    'MCP 2026-07-28 basic/authorization: Token Handling',
  ],
  applies: () => ({ applies: true }),
  run: async (context) => {
    const demand = await demandForCredentials(context);
    if (demand.kind === 'not') return demand.verdict;
    const seen: Exchange[] = [];
    for (const [token, kind] of [
      [`${PROBE}-not-a-token`, 'A token that is garbage'],
      [unsignedToken(context), 'A token without a signature (alg: none)'],
    ] as const) {
      const exchange = await demand.sendAgain({
        credentials: false,
        headers: { authorization: `Bearer ${token}` },
      });
      seen.push(exchange);
      const judged = judge(exchange, kind);
      if (judged.outcome !== 'Pass') return judged;
    }
    return verdict('Pass', PASSED, seen, { untestable: ['expired', 'wrong audience', 'wrong issuer'] });
  },
};

const PASSED =
  'Garbage and unsigned tokens are answered with HTTP 401. Expired and foreign tokens are untestable without an issuer for tests.';

/** As good as a token can be that nobody signed: for this server, and long valid. */
function unsignedToken({ declared }: CheckContext): string {
  const claims = {
    iss: declared.issuers[0] ?? PROBE,
    sub: PROBE,
    aud: declared.audience ?? declared.url,
    jti: PROBE,
    exp: LONG_VALID,
  };
  const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
  return `${encode({ alg: 'none', typ: 'JWT' })}.${encode(claims)}.`;
}

function judge(exchange: Exchange, token: string): Verdict {
  const reaction = reactionOf(exchange);
  if (reaction === 'unauthorized') return verdict('Pass', PASSED, [exchange]);
  if (reaction === 'accepted') return verdict('Fail', `${token} is accepted.`, [exchange]);
  if (reaction === 'refused')
    return verdict('Warn', `${token} is refused, but not with HTTP 401.`, [exchange]);
  return noAnswer(exchange, 'A request with made-up credentials');
}
