/**
 * `make faults-bite`: plants one known bug after the other into a copy of the checkout and shows that the test that is named for it
 * fails, and that it passes without the bug. Ends with 1 when a bug goes unnoticed.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startControlPlane, streamReporter } from '../../hack/cluster/index.ts';
import { applyResourceDefinitions } from '../harness/resource-definitions.ts';
import { PLANTED_BUGS, type PlantedBug } from './bite/bugs.ts';
import { Workshop } from './bite/workshop.ts';

async function main(): Promise<void> {
  // The control plane is killed when this process exits: let it exit.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  const wanted = process.argv.slice(2);
  const bugs = PLANTED_BUGS.filter(({ name }) => wanted.every((word) => name.includes(word)));
  const directory = await mkdtemp(join(tmpdir(), 'kilo-mcp-bite-cluster-'));
  const controlPlane = await startControlPlane({ directory, report: streamReporter(process.stderr) });
  const workshop = await Workshop.open(controlPlane.kubeconfigPath);
  try {
    await applyResourceDefinitions(controlPlane.kubeconfigPath);
    let unnoticed = 0;
    for (const bug of bugs) unnoticed += (await isNoticed(workshop, bug)) ? 0 : 1;
    process.stdout.write(`${bugs.length - unnoticed} of ${bugs.length} planted bugs were noticed\n`);
    process.exitCode = unnoticed === 0 && bugs.length > 0 ? 0 : 1;
  } finally {
    await workshop.close();
    await controlPlane.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

async function isNoticed(workshop: Workshop, bug: PlantedBug): Promise<boolean> {
  const without = await workshop.verdict(bug.test);
  const withBug = await workshop.withBug(bug, () => workshop.verdict(bug.test));
  const isGood = without === 'passed' && withBug === 'failed';
  const verdict = isGood ? 'noticed' : `NOT NOTICED (test ${without} without the bug, ${withBug} with it)`;
  process.stdout.write(`${verdict}: ${bug.name}\n    ${bug.file}\n    ${bug.test.file}: ${bug.test.name}\n`);
  return isGood;
}

await main();
