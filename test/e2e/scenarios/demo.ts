/**
 * `make demo` itself: what it prints, that it may be run again, and that `make demo-down` leaves nothing behind.
 */
import { readFile, readdir } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { cluster, DEMO_NAMESPACE, make, type Outcome } from '../cluster.ts';
import { stateOfTheWorld } from '../world.ts';

const WARM_MS = 120_000;

/** @param first the run that made the cluster. */
export function demoScenario(first: () => Outcome): void {
  it('ends with 0 and prints two servers Ready and one that is not, with its reason', () => {
    const { exitCode, output } = first();
    expect(exitCode, output).toBe(0);
    expect(output).toMatch(/^NAME +READY +REASON +PROTOCOL +TOOLS +SCORE +REPLICAS +AGE$/m);
    expect(output).toMatch(/^everything +True +Ready +2025-\S+ +\d+ +1 /m);
    expect(output).toMatch(/^modern +True +Ready +2026-07-28 +2 +2 /m);
    expect(output).toMatch(/^broken +False +HTTPError /m);
  });

  it('explains the broken server: its pod is available, and MCP is not spoken there', () => {
    const { output } = first();
    expect(output).toMatch(/^ +Available +True +MinimumReplicasReady: /m);
    expect(output).toMatch(/^ +Verified +False +HTTPError: .*404/m);
    expect(output).toContain('correct transport.path');
  });

  it('makes a real tool call through the Service', () => {
    expect(first().output).toContain('"text":"The sum of 19 and 23 is 42."');
  });

  it('prints the score of the compliance check and of each server, its worst findings and its reports', () => {
    const { output } = first();
    expect(output).toMatch(/^NAME +RESULT +SCORE +COVERAGE +FAILED +LAST +NEXT +AGE$/m);
    expect(output).toMatch(/^nightly +Compliant +\d+ +\d+ +[1-9]\d* /m);
    expect(output).toMatch(/^The worst findings /m);
    expect(output).toMatch(/^ +high +MCP-S08 +A foreign Origin is accepted .*\n +everything$/m);
    expect(output).toMatch(/^mcp-[-0-9a-f]{36} +MCPServer +modern +\d+ +\d+ /m);
    expect(output).toMatch(/^modern +True +Ready +2026-07-28 +2 +[1-9]\d* +2 /m);
  });

  it('says how long it took, how to go on and how to clean up', () => {
    expect(first().output).toMatch(/^Took \d+\.\d s: /m);
    expect(first().output).toContain(`export KUBECONFIG=${cluster.directory}/kubeconfig`);
    expect(first().output).toContain('make demo-down');
  });

  it('changes nothing when it is run again, and is done in two minutes', async () => {
    const before = await stateOfTheWorld(DEMO_NAMESPACE);
    const second = await make('demo');
    expect(second.exitCode, second.output).toBe(0);
    expect(second.durationMs).toBeLessThan(WARM_MS);
    expect(await stateOfTheWorld(DEMO_NAMESPACE)).toEqual(before);
  });
}

/** Must come last. */
export function demoDownScenario(): void {
  it('make demo-down leaves no process and no network behind', async () => {
    expect((await processesOfTheCluster()).length).toBeGreaterThan(0);
    const { exitCode, output } = await make('demo-down');
    expect(exitCode, output).toBe(0);
    expect(await processesOfTheCluster()).toEqual([]);
    expect(await readdir('/sys/class/net')).not.toContain(cluster.network.name);
  });

  it('make demo-down is content when there is nothing to stop', async () => {
    expect((await make('demo-down')).exitCode).toBe(0);
  });
}

/** Command lines of processes that mention the cluster's directory, and of those in its pods' cgroup. */
async function processesOfTheCluster(): Promise<readonly string[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    ids.map(async (id) => {
      const command = await readIfThere(`/proc/${id}/cmdline`);
      const cgroup = await readIfThere(`/proc/${id}/cgroup`);
      // Ended, but its parent has not asked for the exit code yet: no command line any more.
      if (command === '') return [];
      const belongs =
        command.includes(`${cluster.directory}/`) || cgroup.includes(`/${cluster.network.name}/`);
      return belongs ? [`${id} ${command.replaceAll('\0', ' ')}`] : [];
    }),
  );
  return found.flat();
}

async function readIfThere(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    // The process ended between the two looks.
    return '';
  }
}
