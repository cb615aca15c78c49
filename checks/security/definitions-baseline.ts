import type { Check } from '../engine/check.ts';
import type { CheckContext } from '../engine/context.ts';
import { verdict } from '../engine/verdict.ts';

/** MCP-S14. Asks nothing: the definitions were gathered. */
export const definitionsBaseline: Check = {
  id: 'MCP-S14',
  family: 'S',
  title: 'tools, prompts, templates and instructions are those that were accepted',
  severity: 'high',
  eras: ['legacy', 'modern'],
  // Where nothing was accepted it does not apply, whether or not the server opens.
  withoutOpening: true,
  scored: true,
  cost: { requests: 0 },
  rationale:
    'A server that was reviewed may describe its tools in another way tomorrow, and steer every model that reads them.',
  remediation: {
    kind: 'approval',
    text: 'Review what changed and accept it, or roll the image back to the digest that was accepted.',
  },
  references: ['OWASP MCP Top 10: MCP03', 'OWASP AISVS 10.4.8'],
  applies: ({ declared }) =>
    declared.baselineHash === undefined
      ? { applies: false, reason: 'Nobody has accepted definitions of this server yet.' }
      : { applies: true },
  run: (context) => {
    const { era, opened, declared } = context;
    if (opened === undefined) return verdict('Untestable', 'The definitions cannot be read.');
    if (era !== baselineEra(context)) {
      return verdict('NotApplicable', 'The accepted definitions were read in the other era.');
    }
    if (opened.hash === '') return verdict('Error', 'A list of definitions could not be read to its end.');
    const [first] = opened.exchanges;
    return {
      ...(opened.hash === declared.baselineHash
        ? verdict('Pass', 'The definitions are those that were accepted.')
        : verdict('Fail', 'The definitions are not those that were accepted.')),
      ...(first === undefined ? {} : { exchanges: opened.exchanges }),
      details: { accepted: declared.baselineHash, found: opened.hash },
    };
  },
};

/** A probe reads in the modern era where the server speaks it. */
function baselineEra({ declared, openings }: CheckContext): CheckContext['era'] {
  if (declared.baselineEra !== undefined) return declared.baselineEra;
  return openings.modern?.kind === 'opened' ? 'modern' : 'legacy';
}
