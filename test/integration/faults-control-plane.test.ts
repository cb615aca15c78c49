/** The API server and etcd themselves die and come back, under an operator that is at work. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { silentReporter } from '../../hack/cluster/index.ts';
import { startRigControlPlane, type RigControlPlane } from '../bench/rig/control-plane.ts';
import {
  CHILD_KINDS,
  prepareOperatorUnderFaults,
  type OperatorUnderFaults,
} from '../faults/operator-under-faults.ts';
import type { OperatorProcess } from '../faults/process/index.ts';
import { applyResourceDefinitions } from '../harness/resource-definitions.ts';
import { waitFor } from '../harness/wait.ts';

let controlPlane: RigControlPlane;
let subject: OperatorUnderFaults;
let operator: OperatorProcess;

beforeAll(async () => {
  const directory = await mkdtemp(join(tmpdir(), 'faults-control-plane-'));
  controlPlane = await startRigControlPlane(directory, [], silentReporter);
  await applyResourceDefinitions(controlPlane.kubeconfigPath);
  subject = await prepareOperatorUnderFaults(controlPlane.kubeconfigPath);
  operator = await subject.start();
  await operator.ready(60_000);
  return async () => {
    await subject.stop();
    await controlPlane.stop();
    await rm(directory, { recursive: true, force: true });
  };
});

describe('a program of the control plane is killed and started again', () => {
  it.each(['kube-apiserver', 'etcd'] as const)(
    '%s: the operator lives on and finishes its work',
    async (program) => {
      const names = Array.from({ length: 10 }, (_, index) => `${program}-${index}`);
      await Promise.all(names.map((name) => subject.createServer(name)));
      await controlPlane.kill(program);
      await controlPlane.start(program);
      for (const name of names) {
        await subject.current(name, 45_000);
        expect(Object.keys(await subject.children(name)).toSorted()).toEqual(CHILD_KINDS);
      }
      await subject.writesUntilQuiet(0);
      // And it still hears: an edit reaches the child, a deleted child comes back.
      await subject.deleteChild(`${program}-0`, 'Service');
      await waitFor(async () => (await subject.children(`${program}-0`))['Service'] !== undefined, {
        deadlineMs: 30_000,
      });
      expect(await operator.health('/healthz')).toBe(200);
    },
  );
});
