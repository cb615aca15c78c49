/**
 * The operator process dies, and another takes its place: whatever the moment, and however old what the API server shows it at
 * first, the result is the same as if nothing had happened.
 */
import { beforeEach, describe, expect, inject, it } from 'vitest';
import {
  ALL_WRITES,
  CHILD_KINDS,
  CHILD_WRITES,
  prepareOperatorUnderFaults,
  type OperatorUnderFaults,
} from '../faults/operator-under-faults.ts';
import { delay, type RequestMatch } from '../faults/proxy/index.ts';
import { waitFor } from '../harness/wait.ts';

const READY_MS = 60_000;
const NAME = 'server';

let subject: OperatorUnderFaults;

beforeEach(async () => {
  subject = await prepareOperatorUnderFaults(inject('kubeconfigPath'));
  return () => subject.stop();
});

/** How many children came into being, by the API server's answers. */
function created(): number {
  return subject.proxy.log.entries(CHILD_WRITES).filter(({ status }) => status === 201).length;
}

describe('a process that is killed', () => {
  it.each([1, 3, 5])('after write %i: its successor finishes the work, once', async (writes) => {
    const first = await subject.start();
    await first.ready(READY_MS);
    // Writes one after the other, so that there is a moment between any two.
    subject.proxy.inject(ALL_WRITES, delay(50));
    await subject.createServer(NAME);
    const isWritten = (): boolean =>
      subject.proxy.log.writes(ALL_WRITES).filter(({ status }) => status !== undefined).length >= writes;
    await waitFor(isWritten, { intervalMs: 1 });
    await first.kill();
    subject.proxy.heal();
    const second = await subject.start();
    await second.ready(READY_MS);
    await subject.current(NAME);
    expect(Object.keys(await subject.children(NAME)).toSorted()).toEqual(CHILD_KINDS);
    // Five for what the first did, five for the second at worst, and five for what a Deployment reports of itself.
    expect(await subject.writesUntilQuiet(0)).toBeLessThanOrEqual(15);
    expect(created()).toBeLessThanOrEqual(CHILD_KINDS.length);
  });
});

describe('a process that is started again', () => {
  it('with nothing changed writes nothing, and asks for each kind once', async () => {
    const first = await subject.start();
    await first.ready(READY_MS);
    await subject.createServer(NAME);
    await subject.current(NAME);
    await subject.writesUntilQuiet(0);
    await first.terminate();
    const mark = subject.proxy.log.mark();
    const second = await subject.start();
    await second.ready(READY_MS);
    expect(await subject.writesUntilQuiet(mark)).toBe(0);
    const lists = subject.proxy.log.entries({ verb: 'list' }, mark).map(({ request }) => request.resource);
    expect(lists.length).toBe(new Set(lists).size);
  });

  it('before an API server that shows no child yet: makes and deletes nothing', async () => {
    const version = await presentVersion();
    const first = await subject.start();
    await first.ready(READY_MS);
    await subject.createServer(NAME);
    await subject.current(NAME);
    const children = await subject.children(NAME);
    await first.kill();
    const mark = subject.proxy.log.mark();
    const view = subject.proxy.freezeView(CHILDREN, version);
    const second = await subject.start();
    await second.ready(READY_MS);
    await subject.writesUntilQuiet(mark);
    view.thaw();
    await subject.writesUntilQuiet(mark);
    expect(await subject.children(NAME)).toEqual(children);
    // It tries to make what it does not see, and the API server refuses: see NOTHING_IS_THERE in the writer.
    const answers = subject.proxy.log.writes(CHILD_WRITES, mark).map(({ status }) => status);
    expect(new Set(answers)).toEqual(new Set([409]));
    expect(answers.length).toBeLessThanOrEqual(2 * CHILD_KINDS.length);
  });

  it('before an API server that still shows the old spec: the new one comes back by itself', async () => {
    const first = await subject.start();
    await first.ready(READY_MS);
    await subject.createServer(NAME);
    await subject.current(NAME);
    const version = await presentVersion();
    await subject.editServer(NAME, '--new');
    await subject.current(NAME);
    await first.kill();
    const view = subject.proxy.freezeView({ resource: 'mcpservers' }, version);
    const mark = subject.proxy.log.mark();
    const second = await subject.start();
    await second.ready(READY_MS);
    await subject.writesUntilQuiet(mark);
    view.thaw();
    await waitFor(async () => (await deploymentArguments()).includes('--new'), { deadlineMs: 30_000 });
    await subject.current(NAME);
    // What it concludes from the old spec is refused, and tried again with growing pauses.
    expect(await subject.writesUntilQuiet(mark)).toBeLessThanOrEqual(25);
    expect(created()).toBe(CHILD_KINDS.length);
  });
});

const CHILDREN: RequestMatch = {
  resource: ['deployments', 'networkpolicies', 'services', 'serviceaccounts'],
};

/** The present version of the namespace. */
async function presentVersion(): Promise<string> {
  const path = `/api/v1/namespaces/${subject.namespace}/configmaps`;
  const list = (await subject.client.demand('GET', path)) as {
    readonly metadata: { readonly resourceVersion: string };
  };
  return list.metadata.resourceVersion;
}

async function deploymentArguments(): Promise<readonly string[]> {
  const path = `/apis/apps/v1/namespaces/${subject.namespace}/deployments/mcp-${NAME}`;
  const { spec } = (await subject.client.demand('GET', path)) as {
    readonly spec: {
      readonly template: { readonly spec: { readonly containers: readonly [{ args?: string[] }] } };
    };
  };
  return spec.template.spec.containers[0].args ?? [];
}
