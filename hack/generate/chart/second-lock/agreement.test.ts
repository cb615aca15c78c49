/**
 * What the lock refuses, the webhook refuses too, for the same rule; what the webhook admits, the lock admits. What the lock itself says to the
 * same cases is asked of a real API server.
 */
import { describe, expect, it } from 'vitest';
import { defaultMCPSecurityPolicy, validateMCPServer } from '../../../../api/index.ts';
import { evaluatePolicy, subjectOf, type Violation } from '../../../../checks/index.ts';
import { DEFAULT_RENDER_SETTINGS } from '../../../../render/index.ts';
import { mcpServerManifest } from '../../../../test/harness/mcp-server.ts';
import { ACCEPTED, REFUSED, STRICT, type Fields } from '../../../../test/harness/second-lock-cases.ts';

const policy = defaultMCPSecurityPolicy({ metadata: { name: 'strict' }, spec: Object(STRICT) });

function violationsOf(spec: Fields): readonly Violation[] {
  const metadata = { name: 'sample', namespace: 'team-a', labels: { owner: 'team-a' } };
  const verdict = validateMCPServer(mcpServerManifest(spec, metadata));
  if (!verdict.valid) throw new Error(JSON.stringify(verdict.errors));
  const namespace = { name: 'team-a', labels: {} };
  return evaluatePolicy(policy, subjectOf(verdict.server, namespace, DEFAULT_RENDER_SETTINGS));
}

describe('the rules of the webhook', () => {
  it.each(ACCEPTED)('accept what the lock accepts: %s', (_reason, spec) => {
    expect(violationsOf(spec)).toEqual([]);
  });

  it.each(REFUSED)('refuse what the lock refuses: %s', (_reason, spec, field, rule) => {
    const [violation] = violationsOf(spec).filter((each) => each.rule === rule);
    expect(`${field} `).toContain(violation?.path);
  });
});
