import { appliesToPods } from '../engine/applicability.ts';
import type { Check, Verdict } from '../engine/check.ts';
import type { LiveObjects } from '../engine/context.ts';
import { shownValue } from '../shown-value.ts';

const ABOUT = {
  id: 'MCP-C07',
  severity: 'medium',
  title: 'what runs is what the MCPServer says',
} as const;

const MAX_FINDINGS = 50;

/** MCP-C07. */
export const drift: Check = {
  ...ABOUT,
  family: 'C',
  eras: [],
  scored: true,
  cost: { requests: 0 },
  rationale:
    'A change that somebody made past the MCPServer was never judged by a policy, reviewed or recorded. The operator writes its own fields again within seconds; a difference that lasts is somebody else’s hand on them.',
  remediation: {
    kind: 'automatic',
    text: 'Find who owns the fields with `kubectl get --show-managed-fields`, move the change into the MCPServer, and let the operator apply it.',
  },
  references: ['NIST SP 800-53 r5: CM-3, CM-6', 'OWASP AISVS 10.1.1'],
  applies: ({ subject }) => appliesToPods(subject),
  run: ({ live }) => verdictOf(live?.drift),
};

function verdictOf(found: LiveObjects['drift']): Verdict {
  if (found === undefined) return UNTESTABLE;
  if (found.length === 0) return { outcome: 'Pass', message: 'The objects are as the MCPServer says.' };
  return {
    outcome: 'Fail',
    message: 'An object differs from what the MCPServer says.',
    findings: found.slice(0, MAX_FINDINGS).map(({ object, path }) => ({
      rule: ABOUT.id,
      severity: ABOUT.severity,
      path: shownValue(path),
      value: shownValue(object),
      message: 'This field of a live object differs from what the operator renders.',
      fix: 'Move the change into the MCPServer, or take it back.',
    })),
  };
}

const UNTESTABLE: Verdict = {
  outcome: 'Untestable',
  message:
    'Nobody could compare the objects: run the check in the operator, and grant it to read the Deployments, Services, NetworkPolicies and ServiceAccounts of the namespace.',
};
