/**
 * Every generator. A new one is a module beside this file and a line here; `make generate` then writes its files and
 * `make verify` compares them.
 */
import { apiReference } from './api-reference.ts';
import { approvalPage } from './approval.ts';
import { configurationPage } from './configuration.ts';
import { chart } from './chart.ts';
import { checksPage } from './checks.ts';
import { complianceProfile } from './compliance-profile.ts';
import { cliPage } from './cli.ts';
import { crds } from './crds.ts';
import type { Generator } from './generator.ts';
import { performancePage } from './performance.ts';
import { reasonsPage } from './reasons.ts';
import { securityPolicyPage } from './security-policy.ts';

export const GENERATORS: readonly Generator[] = [
  crds,
  chart,
  apiReference,
  reasonsPage,
  configurationPage,
  cliPage,
  performancePage,
  securityPolicyPage,
  checksPage,
  complianceProfile,
  approvalPage,
];
