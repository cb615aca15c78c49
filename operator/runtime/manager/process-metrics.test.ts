import { openSync, closeSync } from 'node:fs';
import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { registerProcessMetrics } from './process-metrics.ts';

const registry = new Registry();
registerProcessMetrics(registry);

async function read(name: string): Promise<number> {
  const line = (await registry.metrics()).split('\n').find((each) => each.startsWith(`${name} `));
  return Number(line?.split(' ')[1]);
}

it('are what the process uses', async () => {
  expect(
    Math.abs((await read('process_resident_memory_bytes')) / process.memoryUsage.rss() - 1),
  ).toBeLessThan(0.5);
  expect(
    Math.abs((await read('nodejs_heap_size_used_bytes')) / process.memoryUsage().heapUsed - 1),
  ).toBeLessThan(0.9);
  expect(
    Math.abs((await read('process_start_time_seconds')) - (Date.now() / 1000 - process.uptime())),
  ).toBeLessThan(2);
});

it('count CPU time once, however often they are read', async () => {
  const seconds = (): number => process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6;
  const beforeSeconds = seconds();
  const readings = [await read('process_cpu_seconds_total'), await read('process_cpu_seconds_total')];
  for (const reading of readings) {
    expect(reading).toBeGreaterThanOrEqual(beforeSeconds);
    expect(reading).toBeLessThanOrEqual(seconds());
  }
});

it.runIf(process.platform === 'linux')('count open files, and how many may be', async () => {
  const before = await read('process_open_fds');
  const files = Array.from({ length: 20 }, () => openSync('/dev/null', 'r'));
  const after = await read('process_open_fds');
  files.forEach((file) => closeSync(file));
  expect(after - before).toBeGreaterThanOrEqual(10);
  expect(await read('process_max_fds')).toBeGreaterThan(after);
});
