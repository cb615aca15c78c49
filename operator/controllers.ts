/** The controllers of the process, wired. */
import { evaluatePolicy, policyProblems, policySelects } from '../checks/index.ts';
import { ApprovedWaivers } from '../controllers/approval/index.ts';
import { createLockWatch, type LockWatch } from '../controllers/locks/index.ts';
import {
  createMCPServerController,
  type MCPServerController,
  type PolicyVerdicts,
} from '../controllers/mcpserver/index.ts';
import type { ControllerParts } from '../controllers/parts.ts';
import {
  createDefaultPolicyController,
  createSecurityPolicyController,
  type LocksPort,
  type SecurityPolicyController,
} from '../controllers/securitypolicy/index.ts';
import { systemClock } from '../core/clock.ts';
import { systemRandom } from '../core/random.ts';
import { probe as probeServer } from '../mcp/index.ts';
import { approvals } from './approvals.ts';
import { compliance } from './compliance.ts';
import { lockSettings } from './locks.ts';
import type { Runnable } from './runtime/index.ts';
import { rendering, running, type Shared } from './shared.ts';
import { VERSION } from './version.ts';

/** A policy costs one write of its status now and then. */
const POLICY_CONCURRENCY = 2;

/** Asks for its informers, so call it before they are started. */
export function controllers(shared: Shared): readonly Runnable[] {
  const { settings } = shared;
  const locks = admissionLocks(shared);
  const { parts, verdicts } = securityPolicies(shared, locks);
  const servers = mcpServers(shared, verdicts);
  const waivers = new ApprovedWaivers();
  const { runnables: checked, findings } = compliance(shared, servers.driftOf, waivers);
  return [
    running(shared, servers, settings.concurrency),
    ...checked,
    ...approvals(shared, { waivers, findings }),
    running(shared, parts, POLICY_CONCURRENCY),
    locks,
    ...(settings.defaultPolicy ? [running(shared, defaultPolicy(shared), 1)] : []),
  ];
}

function securityPolicies(shared: Shared, locks: LocksPort): SecurityPolicyController {
  const { apiServer, informers, recorder, registry, logger, settings } = shared;
  // Events about cluster-scoped objects are kept in `default`: without a right there, the conditions must do.
  const mayRecord = settings.watchNamespaces.length === 0 || settings.watchNamespaces.includes('default');
  return createSecurityPolicyController({
    client: apiServer.client('securitypolicy'),
    informers,
    recorder: mayRecord ? recorder : { event: () => undefined },
    metrics: registry,
    engine: { policyProblems, policySelects, evaluatePolicy },
    locks,
    clock: systemClock,
    random: systemRandom,
    logger,
    rendering: rendering(shared),
  });
}

function admissionLocks(shared: Shared): LockWatch {
  const { informers, recorder, registry, logger } = shared;
  return createLockWatch({ informers, recorder, metrics: registry, logger, settings: lockSettings(shared) });
}

function defaultPolicy({ apiServer, informers, identity }: Shared): ControllerParts {
  const client = apiServer.client('defaultpolicy');
  return createDefaultPolicyController({ client, informers, namespace: identity.operatorNamespace });
}

function mcpServers(shared: Shared, policies: PolicyVerdicts): MCPServerController {
  const { apiServer, informers, recorder, registry, logger, settings, identity } = shared;
  return createMCPServerController({
    client: apiServer.client('mcpserver'),
    informers,
    recorder,
    probe: shared.probe ?? probeServer,
    policies,
    metrics: registry,
    clock: systemClock,
    random: systemRandom,
    logger,
    settings: {
      rendering: rendering(shared),
      addresses: settings.probe,
      probeConcurrency: settings.probe.concurrency,
      serviceAccount: identity.serviceAccount,
      version: VERSION,
    },
  });
}
