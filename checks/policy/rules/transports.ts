/** `transports`: which transports of MCP may be spoken. */
import { type RuleGroup, oneOf, policyRule } from '../policy-rule.ts';

const transports = policyRule({
  id: 'transports',
  severity: 'medium',
  title: 'the transport is one that is allowed',
  judge: ({ server }, { transports: allowed }) => {
    const { type } = server.spec.transport;
    if (allowed === undefined || allowed.includes(type)) return [];
    return [
      {
        path: 'spec.transport.type',
        value: type,
        message:
          allowed.length === 0 ? 'No transport is allowed here.' : 'This transport is not allowed here.',
        fix:
          allowed.length === 0
            ? 'Ask the owner of the policy to allow the transport.'
            : `Set it to ${oneOf(allowed)}.`,
      },
    ];
  },
});

export const transportRules: RuleGroup = { rules: [transports], problems: () => [] };
