/**
 * The demo, and everything that can be shown on its cluster. One file, because the scenarios share one cluster and take turns on it: the
 * first run of `make demo` makes it, `make demo-down` ends it. Read it as the table of contents.
 */
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { make, removeCluster, type Outcome } from './cluster.ts';
import { addressesScenario } from './scenarios/addresses.ts';
import { approvalScenario } from './scenarios/approval.ts';
import { commandLineScenario } from './scenarios/command-line.ts';
import { complianceScenario } from './scenarios/compliance.ts';
import { deletionScenario } from './scenarios/deletion.ts';
import { demoDownScenario, demoScenario } from './scenarios/demo.ts';
import { driftScenario } from './scenarios/drift.ts';
import { examplesScenario } from './scenarios/examples.ts';
import { operatorRestartsScenario } from './scenarios/operator-restarts.ts';
import { podFailuresScenario } from './scenarios/pod-failures.ts';

describe('on a real Kubernetes', () => {
  let first: Outcome;

  beforeAll(async () => {
    first = await make('demo');
    // Without the demo's cluster nothing below can be shown.
    expect(first.exitCode, first.output).toBe(0);
  });
  afterAll(removeCluster);

  describe('make demo', () => demoScenario(() => first));
  describe('compliance', complianceScenario);
  describe('examples', examplesScenario);
  describe('servers that cannot run', podFailuresScenario);
  describe('addresses that are not for probing', addressesScenario);
  describe('restarts of the operator', operatorRestartsScenario);
  describe('drift', driftScenario);
  describe('deletion', deletionScenario);
  describe('kilo-mcp on the command line', commandLineScenario);
  // It pauses the operator to read the ledger.
  describe('make demo-approval', approvalScenario);
  describe('make demo-down', demoDownScenario);
});
