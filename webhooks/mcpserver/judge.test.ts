import { describe, expect, it } from 'vitest';
import type { MCPSecurityPolicy } from '../../api/index.ts';
import { defaultMCPSecurityPolicy } from '../../api/index.ts';
import { subjectOf, type Subject, type Violation } from '../../checks/index.ts';
import { DEFAULT_RENDER_SETTINGS } from '../../render/index.ts';
import { aServer } from '../../render/testing/a-server.ts';
import { judge, type EvaluatePolicy } from './judge.ts';

type Enforcement = MCPSecurityPolicy['spec']['enforcement'];

const NAMESPACE = { name: 'team-a', labels: {} };
const withReplicas = (replicas: number): Subject =>
  subjectOf(aServer({ replicas }), NAMESPACE, DEFAULT_RENDER_SETTINGS);
const policy = (name: string, enforcement: Enforcement): MCPSecurityPolicy =>
  defaultMCPSecurityPolicy({ metadata: { name }, spec: { enforcement } });

/** Every policy allows two replicas. */
const atMostTwo: EvaluatePolicy = ({ metadata }, { server }) =>
  server.spec.replicas <= 2 ? [] : [violation(metadata.name, String(server.spec.replicas))];

function violation(name: string, value: string): Violation {
  return {
    policy: name,
    rule: 'maxReplicas',
    severity: 'medium',
    path: 'spec.replicas',
    value,
    message: 'The server has more pods than the policy allows.',
    fix: 'Set replicas to 2 or less.',
  };
}

const create = (replicas: number, ...policies: readonly MCPSecurityPolicy[]) =>
  judge({ after: withReplicas(replicas), before: undefined }, policies, atMostTwo);
const change = (from: number, to: number, ...policies: readonly MCPSecurityPolicy[]) =>
  judge({ after: withReplicas(to), before: () => withReplicas(from) }, policies, atMostTwo);

describe('a server that is created', () => {
  it('is let in without a word when it breaks nothing', () => {
    expect(create(2, policy('strict', 'Enforce'), policy('soft', 'Warn'))).toEqual({ warnings: [] });
  });

  it('is refused by each enforced policy that it breaks, all at once', () => {
    const { denial, warnings } = create(
      3,
      policy('strict', 'Enforce'),
      policy('soft', 'Warn'),
      policy('too', 'Enforce'),
    );
    expect(denial).toMatchObject({ code: 403, reason: 'Forbidden' });
    expect(denial?.message).toBe(
      'MCPServer team-a/github breaks 2 rules of MCPSecurityPolicies:' +
        '\n- policy strict, maxReplicas: spec.replicas (3): The server has more pods than the policy allows. Set replicas to 2 or less.' +
        '\n- policy too, maxReplicas: spec.replicas (3): The server has more pods than the policy allows. Set replicas to 2 or less.',
    );
    expect(denial?.details).toMatchObject({ kind: 'MCPServer', name: 'github' });
    expect(denial?.details?.causes.map(({ field }) => field)).toEqual(['spec.replicas', 'spec.replicas']);
    expect(warnings).toEqual([expect.stringContaining('policy soft, maxReplicas')]);
  });

  it('is warned about by a policy that warns', () => {
    const { denial, warnings } = create(3, policy('soft', 'Warn'));
    expect(denial).toBeUndefined();
    expect(warnings).toEqual([
      'policy soft, maxReplicas: spec.replicas: The server has more pods than the policy allows. Set replicas to 2 or less.',
    ]);
  });

  it('hears nothing of a policy that audits', () => {
    expect(create(3, policy('quiet', 'Audit'))).toEqual({
      warnings: [],
      auditAnnotations: { violations: 'policy quiet, maxReplicas: spec.replicas' },
    });
  });
});

describe('a server that is changed', () => {
  it('is refused for what it adds', () => {
    expect(change(1, 3, policy('strict', 'Enforce')).denial?.message).toContain(
      'breaks a rule of an MCPSecurityPolicy:',
    );
    expect(change(3, 4, policy('strict', 'Enforce')).denial?.message).toContain('(4)');
  });

  it('keeps what it had, and is told so', () => {
    const { denial, warnings, auditAnnotations } = change(3, 3, policy('strict', 'Enforce'));
    expect(denial).toBeUndefined();
    expect(warnings).toHaveLength(1);
    expect(auditAnnotations).toEqual({ violations: 'policy strict, maxReplicas: spec.replicas' });
  });

  it('does not render what was before when nothing is broken now', () => {
    const before = (): never => {
      throw new Error('rendered');
    };
    expect(judge({ after: withReplicas(1), before }, [policy('strict', 'Enforce')], atMostTwo)).toEqual({
      warnings: [],
    });
  });
});
