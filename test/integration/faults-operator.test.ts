/**
 * The operator on bad days of the API server: each fault ends in the right state, in children that were made once, in silence
 * afterwards, and costs a bounded number of requests while it lasts.
 */
import { beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import {
  ALL_WRITES,
  CHILD_KINDS,
  CHILD_WRITES,
  prepareOperatorUnderFaults,
  type OperatorUnderFaults,
} from '../faults/operator-under-faults.ts';
import type { OperatorProcess } from '../faults/process/index.ts';
import { delay, fail, loseResponse, reset, type RequestFault } from '../faults/proxy/index.ts';
import { waitFor } from '../harness/wait.ts';

let subject: OperatorUnderFaults;
let operator: OperatorProcess;
/** A new server for each test. */
let name: string;
let count = 0;

beforeAll(async () => {
  subject = await prepareOperatorUnderFaults(inject('kubeconfigPath'));
  operator = await subject.start();
  await operator.ready(60_000);
  return () => subject.stop();
});

beforeEach(() => {
  count += 1;
  name = `server-${count}`;
  return () => subject.proxy.heal();
});

/** Children that exist, the same after the operator had time to think again. */
async function expectSettled(mark: number, mostWrites: number): Promise<void> {
  const children = await subject.children(name);
  expect(Object.keys(children).toSorted()).toEqual(CHILD_KINDS);
  await subject.writesUntilQuiet(mark);
  const writes = writesOfServer(mark);
  expect(writes.length, writes.join('\n')).toBeLessThanOrEqual(mostWrites);
  expect(await subject.children(name)).toEqual(children);
  expect(await operator.health('/healthz')).toBe(200);
}

/** Those of the test before, whose Deployment may still report something, are not of this one. */
function writesOfServer(mark: number): readonly string[] {
  const match = { ...ALL_WRITES, name: [name, `mcp-${name}`] };
  return subject.proxy.log
    .writes(match, mark)
    .map(
      ({ time, request, status }) =>
        `${time} ${request.verb} ${request.resource} ${request.subresource} ${status}`,
    );
}

describe('writes that the API server answers with an error', () => {
  // Four children, a status for each step that the Deployment reports of its rollout, and each failed attempt costs one write more,
  // besides a status that says so.
  it.each<[string, RequestFault, number]>([
    ['429 with Retry-After', fail(429, { retryAfterSeconds: 1 }), 3],
    ['500', fail(500), 5],
    ['503', fail(503), 5],
    ['503 with Retry-After', fail(503, { retryAfterSeconds: 1 }), 3],
    ['504', fail(504), 5],
    ['409', fail(409), 3],
    ['a reset before they arrived', reset, 5],
  ])('%s: succeed when it is over', async (_name, fault, times) => {
    const mark = subject.proxy.log.mark();
    const injected = subject.proxy.inject(CHILD_WRITES, fault, times);
    await subject.createServer(name);
    await subject.current(name);
    expect(injected.hits).toBe(times);
    await expectSettled(mark, 2 * times + 10);
  });

  it('wait as long as Retry-After says', async () => {
    const mark = subject.proxy.log.mark();
    subject.proxy.inject({ verb: 'patch', resource: 'services' }, fail(429, { retryAfterSeconds: 2 }), 1);
    await subject.createServer(name);
    await subject.current(name);
    const [refused, served] = subject.proxy.log.entries({ verb: 'patch', resource: 'services' }, mark);
    expect((served?.atMs ?? 0) - (refused?.atMs ?? 0)).toBeGreaterThanOrEqual(2_000);
  });
});

describe('an answer that is lost after the write took effect', () => {
  it.each(['deployments', 'networkpolicies', 'services', 'serviceaccounts', 'mcpservers'])(
    'of %s: nothing is made twice',
    async (resource) => {
      const mark = subject.proxy.log.mark();
      const injected = subject.proxy.inject({ verb: 'patch', resource }, loseResponse, 1);
      await subject.createServer(name);
      await subject.current(name);
      expect(injected.hits).toBe(1);
      await expectSettled(mark, 11);
      const created = subject.proxy.log.entries(CHILD_WRITES, mark).filter(({ status }) => status === 201);
      expect(created.length).toBeLessThanOrEqual(4);
    },
  );
});

describe('while the API server fails every write', () => {
  it('requests stay bounded, other servers are not held up, and it heals', async () => {
    const mark = subject.proxy.log.mark();
    const injected = subject.proxy.inject({ ...ALL_WRITES, name: `mcp-${name}` }, fail(500));
    await subject.createServer(name);
    await subject.createServer(`${name}-other`);
    await subject.current(`${name}-other`);
    await waitFor(() => injected.hits >= 4);
    // 5 ms doubled again and again: within ten seconds some ten rounds of four children.
    expect(injected.hits).toBeLessThanOrEqual(60);
    injected.remove();
    await subject.current(name, 45_000);
    await expectSettled(mark, 100);
  });
});

describe('an API server that is away', () => {
  it('is waited for, and nothing is listed again', async () => {
    await subject.createServer(name);
    await subject.current(name);
    const mark = subject.proxy.log.mark();
    await subject.proxy.refuseConnections();
    await subject.editServer(name, '--edited');
    await subject.deleteChild(name, 'Service');
    await subject.proxy.acceptConnections();
    await subject.current(name);
    await waitFor(async () => (await subject.children(name))['Service'] !== undefined);
    // Two children, and a status for each step that the Deployment reports of its rollout.
    await expectSettled(mark, 12);
    expect(subject.proxy.log.writes(CHILD_WRITES, mark).length).toBeLessThanOrEqual(4);
    expect(subject.proxy.log.entries({ verb: 'list' }, mark)).toEqual([]);
  });

  it('is merely slow: everything still happens once', async () => {
    const mark = subject.proxy.log.mark();
    subject.proxy.inject(ALL_WRITES, delay(300));
    await subject.createServer(name);
    await subject.current(name);
    await expectSettled(mark, 10);
    const created = subject.proxy.log.entries(CHILD_WRITES, mark).filter(({ status }) => status === 201);
    expect(created).toHaveLength(4);
  });
});
