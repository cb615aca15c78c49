import { describe, expect, it } from 'vitest';
import {
  CHECK_REASONS,
  COMPLIANT_REASONS,
  POLICY_REASONS,
  READY_REASONS,
  REASONS,
  REQUEST_REASONS,
} from '../../api/index.ts';
import { PROBE_FAILURE_REASONS } from '../../mcp/types.ts';
import { reasonsPage } from './reasons.ts';

/** Titles of a page's sections with the reasons that have a row in each. */
function sectionsOf(page: string): readonly (readonly [title: string, reasons: readonly string[]])[] {
  return page
    .split(/^##+ /m)
    .slice(1)
    .map((section) => [section.split('\n')[0] ?? '', section.match(/(?<=^\| `)\w+/gm) ?? []]);
}

describe('docs/reasons.md', () => {
  it('has a row for every reason of every condition', async () => {
    const { 'docs/reasons.md': page = '' } = await reasonsPage.outputs();
    const ofServers = Object.entries({ ...REASONS, Ready: READY_REASONS });
    const ofPolicies = Object.entries(POLICY_REASONS);
    const ofRequests = Object.entries(REQUEST_REASONS);
    const ofChecks = Object.entries(CHECK_REASONS);
    expect(sectionsOf(page)).toEqual([
      ...ofServers.map(([type, reasons]) => [type, Object.keys(reasons)]),
      ['Compliant', Object.keys(COMPLIANT_REASONS)],
      ['Conditions of an MCPSecurityPolicy', []],
      ...ofPolicies.map(([type, reasons]) => [`${type} of a policy`, Object.keys(reasons)]),
      ['Conditions of a ComplianceCheck or ClusterComplianceCheck', []],
      ...ofChecks.map(([type, reasons]) => [`${type} of a check`, Object.keys(reasons)]),
      ['Conditions of an ApprovalRequest', []],
      ...ofRequests.map(([type, reasons]) => [`${type} of a request`, Object.keys(reasons)]),
    ]);
  });

  it('knows every way in which a probe can fail', () => {
    expect(Object.keys(REASONS.Verified)).toEqual(expect.arrayContaining(Object.keys(PROBE_FAILURE_REASONS)));
  });
});
