/** A database whose disk is full, on a small file system of its own: only root can make one. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { StoreUnavailableError } from '../../checks/engine/history.ts';
import { run } from '../../hack/cluster/index.ts';
import { aFinding, aRun, aServer, evidenceOf } from '../../stores/testing/records.ts';
import { PostgresServer } from '../harness/postgres.ts';
import { openStore } from '../harness/store.ts';
import { waitFor } from '../harness/wait.ts';

const fence = { epoch: 1 };
const KIBIBYTE = 1_024;
/** Random text, so that no compression makes it fit. */
const large = (): string => JSON.stringify(Array.from({ length: 1_500 }, () => randomUUID()));

it.runIf(process.getuid?.() === 0)(
  'loses nothing to a full disk, and goes on once there is room',
  { timeout: 180_000 },
  async () => {
    const directory = await mkdtemp(join(tmpdir(), 'kilo-mcp-full-'));
    await run('mount', ['-t', 'tmpfs', '-o', 'size=256m', 'tmpfs', directory]);
    onTestFinished(async () => {
      await run('umount', [directory]);
      await rm(directory, { recursive: true, force: true });
    });
    const server = await PostgresServer.start('18', {
      directory,
      configuration: ['min_wal_size = 32MB', 'max_wal_size = 32MB', 'wal_recycle = on'],
    });
    onTestFinished(() => server.kill());
    const { store } = await openStore(await server.createDatabase());
    const runRecord = aRun({ id: randomUUID() });
    const servers = Array.from({ length: 40 }, (_, index) => aServer(`server-${index}`));
    await store.beginRun(runRecord, servers, fence);
    const { bavail, bsize } = await statfs(directory);
    const filler = join(directory, 'filler');
    await writeFile(filler, Buffer.alloc(bavail * bsize - 512 * KIBIBYTE));
    const results = servers.map((each) => {
      const evidence = Array.from({ length: 20 }, () => evidenceOf(large()));
      const findings = evidence.map(({ digest }, index) =>
        aFinding(each, { check: `MCP-S${index}`, evidence: digest }),
      );
      return { server: each, findings, evidence };
    });
    let recorded = 0;
    const fill = async (): Promise<void> => {
      for (const result of results) {
        await store.recordServer(runRecord.id, result, fence);
        recorded += 1;
      }
    };
    await expect(fill()).rejects.toThrow(StoreUnavailableError);
    expect(recorded).toBeLessThan(servers.length);
    await rm(filler);
    // Where its log did not fit the server stops itself, and recovers when it is started.
    await server.restart();
    await waitFor(async () => (await store.openRun('owner'))?.done.length === recorded);
    for (const result of results.slice(0, recorded + 3))
      await store.recordServer(runRecord.id, result, fence);
    expect((await store.results(runRecord.id)).length).toBe(recorded + 3);
    const verdict = await (await store.ledger()).verify([], new AbortController().signal);
    expect(verdict).toMatchObject({ kind: 'intact', rows: recorded + 4 });
    await store.close();
  },
);
