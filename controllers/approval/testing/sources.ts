/** Where the controllers of approval look, in memory: caches of what a test says is there, and authorizers that grant everything. */
import type { ApprovalDecision, ApprovalRequest, MCPServer } from '../../../api/index.ts';
import { DEFAULT_RENDER_SETTINGS } from '../../../render/index.ts';
import { COMPLIANCE_CHECK, NAMESPACE } from '../../compliancecheck/kinds.ts';
import { APPROVAL_DECISION, APPROVAL_POLICY, APPROVAL_REQUEST } from '../../decisions/index.ts';
import { MCPSERVER } from '../../mcpserver/index.ts';
import { FakeInformer } from '../../securitypolicy/testing/informer.ts';
import { targetsOfRequest } from '../kinds.ts';
import type { ApprovalSources } from '../sources.ts';

/** What is there; everything else is not. */
interface Present {
  readonly server: MCPServer;
  readonly requests?: readonly ApprovalRequest[];
  /** Each is found on every request. */
  readonly decisions?: readonly ApprovalDecision[];
}

export function sourcesWith({ server, requests = [], decisions = [] }: Present): ApprovalSources {
  const asked = new FakeInformer(APPROVAL_REQUEST, ...requests);
  const about = (_index: string, target: string) =>
    asked.store.list().filter((request) => targetsOfRequest(request).includes(target));
  const decided = new FakeInformer(APPROVAL_DECISION, ...decisions);
  return {
    requests: Object.assign(asked, { store: { ...asked.store, byIndex: about } }),
    decisions: Object.assign(decided, { store: { ...decided.store, byIndex: () => decisions } }),
    policies: new FakeInformer(APPROVAL_POLICY),
    servers: new FakeInformer(MCPSERVER, server),
    checks: new FakeInformer(COMPLIANCE_CHECK),
    namespaces: new FakeInformer(NAMESPACE),
    authority: { holds: () => Promise.resolve(true) },
    rendering: DEFAULT_RENDER_SETTINGS,
    personKey: '',
    executor: '',
  };
}
