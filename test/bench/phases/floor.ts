/**
 * What a plain client needs for the same objects on the same rig, while the same watches are open: the part of every duration that no
 * operator can beat. Runs when the operator is stopped.
 */
import { childName, type MCPServer } from '../../../api/index.ts';
import { systemClock } from '../../../core/clock.ts';
import { connectPlainly, type PlainClient } from '../../harness/plain-client.ts';
import type { Bench, Phase } from '../bench.ts';
import { Feed, forEachInFlight } from '../load/concurrency.ts';
import { ObjectView, type SeenObject } from '../load/object-view.ts';
import {
  createNamespace,
  createServers,
  deploymentsPath,
  editServer,
  IN_FLIGHT,
  writeChildren,
  writeDeployment,
  writeStatus,
} from '../load/servers.ts';
import { percentile } from '../report/statistics.ts';
import { OPERATOR_USER } from '../rig/operator.ts';
import { chosen } from './edits.ts';

const NAMESPACE = 'bench-floor';
const DEADLINE_MS = 30_000;
/** As many connections as the operator has for its writes. */
const WRITER_CONNECTIONS = 32;

/** Phases that measured the operator give what the floor is compared with. */
export function floor(measured: (key: 'burstSeconds' | 'editP50Ms') => number | undefined): Phase {
  return {
    name: 'floor',
    run: async (bench) => {
      const { load, controlPlane, names, record } = bench;
      await bench.operator.stop();
      await createNamespace(load, NAMESPACE);
      const writer = await connectPlainly(
        await controlPlane.kubeconfigFor('bench-writer'),
        WRITER_CONNECTIONS,
      );
      await openSameWatches(bench, writer);
      const seconds = await timeBurst(bench, writer);
      record('floorServersPerSecond', names.length / seconds);
      const burstSeconds = measured('burstSeconds');
      if (burstSeconds !== undefined) record('burstToFloor', burstSeconds / seconds);
      const editMs = percentile(await timeEdits(bench, writer), 0.5);
      record('editFloorP50Ms', editMs);
      const measuredEditMs = measured('editP50Ms');
      if (measuredEditMs !== undefined) record('editToFloor', measuredEditMs / editMs);
      await writer.close();
    },
  };
}

/** The watches that the operator had, by the audit log: their bytes are read and dropped. */
async function openSameWatches({ controlPlane, signal }: Bench, client: PlainClient): Promise<void> {
  const calls = await controlPlane.audit.calls(OPERATOR_USER);
  const watched = calls
    .filter(({ verb }) => verb === 'watch')
    .map(({ uri }) => new URL(uri, 'https://localhost'));
  const byPath = new Map(watched.map((url) => [url.pathname, url]));
  for (const url of byPath.values()) {
    url.searchParams.delete('resourceVersion');
    await client.watch(url.pathname + url.search, () => undefined, signal);
  }
}

async function timeBurst({ load, names, servers }: Bench, writer: PlainClient): Promise<number> {
  const status = servers.list().find((server) => server.status !== undefined)?.status;
  const startedAtMs = systemClock.monotonicMs();
  const created = new Feed<MCPServer>();
  const writing = forEachInFlight(created, IN_FLIGHT, (server) => writeServer(writer, server, status));
  await createServers(load, NAMESPACE, names, (server) => created.push(server));
  created.end();
  await writing;
  return (systemClock.monotonicMs() - startedAtMs) / 1000;
}

async function writeServer(writer: PlainClient, server: MCPServer, status: unknown): Promise<void> {
  await writeChildren(writer, server);
  await writeStatus(writer, server, status ?? { observedGeneration: 1 });
}

/** An edit and the child that follows from it, one after the other, until a watch shows the child. */
async function timeEdits(bench: Bench, writer: PlainClient): Promise<readonly number[]> {
  const { load, signal } = bench;
  const deployments = await ObjectView.open(load, deploymentsPath(NAMESPACE), signal);
  const durations: number[] = [];
  for (const [index, name] of chosen(bench).entries()) {
    const before = deployments.get(childName(name))?.metadata.resourceVersion;
    const isNew = ({ metadata }: SeenObject): boolean => metadata.resourceVersion !== before;
    const seen = deployments.until(childName(name), isNew, DEADLINE_MS);
    const startedAtMs = systemClock.monotonicMs();
    await writeDeployment(writer, await editServer(load, NAMESPACE, name, `--floor=${index}`));
    durations.push((await seen) - startedAtMs);
  }
  return durations;
}
