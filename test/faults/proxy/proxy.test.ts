/** The proxy in front of a small HTTPS server that plays the API server. */
import { readFile, mkdtemp, rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, request as send, type Dispatcher } from 'undici';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../core/clock.ts';
import { renderKubeconfig } from '../../../hack/cluster/kubeconfig.ts';
import { waitFor } from '../../harness/wait.ts';
import { writeFile } from 'node:fs/promises';
import {
  cutMidFrame,
  delay,
  dropEvents,
  duplicateEvents,
  endWatch,
  expiredEvent,
  fail,
  hang,
  loseResponse,
  reorderEvents,
  reset,
  stall,
  startFaultProxy,
  withholdBookmarks,
  type FaultProxy,
  type FrameFault,
} from './index.ts';
import { Listener } from './listener.ts';

const PODS = '/api/v1/namespaces/a/pods';
const WATCH = `${PODS}?watch=true`;

let directory: string;
let upstream: Listener;
let proxy: FaultProxy;
let client: Agent;
let proxyUrl: string;
/** What reached the upstream: method and URL. */
let seen: string[];
/** The upstream's open watches. */
let watches: ServerResponse[];

function playApiServer(request: IncomingMessage, response: ServerResponse): void {
  seen.push(`${request.method} ${request.url}`);
  if (request.url?.includes('watch=true') === true) {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    watches.push(response);
    return;
  }
  response.writeHead(200, { 'content-type': 'application/json' }).end('{"kind":"PodList"}');
}

beforeEach(async () => {
  seen = [];
  watches = [];
  directory = await mkdtemp(join(tmpdir(), 'fault-proxy-test-'));
  upstream = await Listener.start(systemClock, playApiServer);
  const upstreamKubeconfig = join(directory, 'upstream.kubeconfig');
  const { url: server, authority, client: credentials } = upstream;
  await writeFile(upstreamKubeconfig, renderKubeconfig({ server, authority, user: 'admin', credentials }));
  proxy = await startFaultProxy({ upstreamKubeconfig, directory, writeLog: true });
  const { clusters } = JSON.parse(await readFile(proxy.kubeconfigPath, 'utf8')) as {
    clusters: [{ cluster: { server: string; 'certificate-authority-data': string } }];
  };
  proxyUrl = clusters[0].cluster.server;
  client = new Agent({
    connect: { ca: Buffer.from(clusters[0].cluster['certificate-authority-data'], 'base64') },
  });
});

afterEach(async () => {
  await client.destroy();
  await proxy.stop();
  await upstream.refuse();
  await rm(directory, { recursive: true, force: true });
});

function call(
  path: string,
  method: Dispatcher.HttpMethod = 'GET',
  signal?: AbortSignal,
): Promise<Dispatcher.ResponseData> {
  return send(proxyUrl + path, { method, dispatcher: client, ...(signal === undefined ? {} : { signal }) });
}

/** Opens a watch and collects its text; `ended` says how it ended. */
async function watch(): Promise<{ text: () => string; ended: Promise<'end' | 'reset'> }> {
  const { body } = await call(WATCH);
  let text = '';
  const ended = (async (): Promise<'end' | 'reset'> => {
    try {
      for await (const chunk of body) text += String(chunk);
      return 'end';
    } catch {
      return 'reset';
    }
  })();
  await waitFor(() => watches.length > 0, { intervalMs: 5 });
  return { text: () => text, ended };
}

const frame = (type: string, name: string): string => JSON.stringify({ type, object: { name } });

function emit(...lines: readonly string[]): void {
  for (const line of lines) watches.at(-1)?.write(`${line}\n`);
}

describe('requests', () => {
  it('pass through unharmed, and are logged', async () => {
    const answer = await call(PODS);
    expect([answer.statusCode, await answer.body.text()]).toEqual([200, '{"kind":"PodList"}']);
    expect(proxy.log.entries({ verb: 'list', resource: 'pods', namespace: 'a' })).toMatchObject([
      { status: 200, fault: '' },
    ]);
  });

  it('fail so often as said, without reaching the API server', async () => {
    const fault = proxy.inject({ resource: 'pods' }, fail(429, { retryAfterSeconds: 2 }), 2);
    const codes: number[] = [];
    for (let index = 0; index < 3; index += 1) codes.push((await call(PODS)).statusCode);
    expect([codes, fault.hits, seen.length]).toEqual([[429, 429, 200], 2, 1]);
  });

  it('carry Retry-After and a Status', async () => {
    proxy.inject({}, fail(429, { retryAfterSeconds: 2 }));
    const answer = await call(PODS);
    expect(answer.headers['retry-after']).toBe('2');
    expect(await answer.body.json()).toMatchObject({ kind: 'Status', code: 429, reason: 'TooManyRequests' });
  });

  it('are cut before the API server sees them', async () => {
    proxy.inject({}, reset);
    await expect(call(PODS)).rejects.toThrow();
    expect(seen).toEqual([]);
  });

  it('take effect although the answer is lost', async () => {
    proxy.inject({ verb: 'create' }, loseResponse);
    await expect(call(PODS, 'POST')).rejects.toThrow();
    expect(seen).toEqual([`POST ${PODS}`]);
  });

  it('hang until the client gives up', async () => {
    proxy.inject({}, hang);
    await expect(call(PODS, 'GET', AbortSignal.timeout(50))).rejects.toThrow('timeout');
    await waitFor(() => proxy.log.entries()[0]?.durationMs !== undefined, { intervalMs: 5 });
    expect(seen).toEqual([]);
  });

  it('are delayed', async () => {
    proxy.inject({}, delay(60));
    const before = systemClock.monotonicMs();
    await call(PODS);
    expect(systemClock.monotonicMs() - before).toBeGreaterThan(55);
  });

  it('are refused while the API server is away, and served again on the same port', async () => {
    await proxy.refuseConnections();
    await expect(call(PODS)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await proxy.acceptConnections();
    expect((await call(PODS)).statusCode).toBe(200);
  });

  it('count as writes unless they are dry runs or renew a Lease', async () => {
    await call(`${PODS}/b`, 'DELETE');
    await call(`${PODS}?dryRun=All`, 'POST');
    await call('/apis/coordination.k8s.io/v1/namespaces/a/leases/x', 'PUT');
    expect(proxy.log.writes().map(({ request }) => request.verb)).toEqual(['delete']);
  });

  it('are written to a file when asked', async () => {
    await call(PODS);
    await proxy.stop();
    const [folder = ''] = proxy.kubeconfigPath.split('/kubeconfig');
    const text = await readFile(join(folder, 'requests.jsonl'), 'utf8');
    expect(JSON.parse(text)).toMatchObject({ sequence: 0, status: 200, request: { verb: 'list' } });
  });
});

describe('watches', () => {
  it('open at once and pass frames on, however they are cut into packets', async () => {
    const { text, ended } = await watch();
    const whole = `${frame('ADDED', 'x')}\n`;
    watches[0]?.write(whole.slice(0, 9));
    watches[0]?.write(whole.slice(9));
    watches[0]?.end();
    expect(await ended).toBe('end');
    expect(text()).toBe(whole);
  });

  const [one, two, bookmark] = [frame('ADDED', '1'), frame('MODIFIED', '2'), frame('BOOKMARK', 'b')];
  it.each<[string, FrameFault, readonly string[]]>([
    ['duplicate', duplicateEvents, [one, one, two, two, bookmark, bookmark]],
    ['reorder', reorderEvents, [two, one, bookmark]],
    ['drop one type', dropEvents('MODIFIED'), [one, bookmark]],
    ['withhold bookmarks', withholdBookmarks, [one, two]],
    ['stall', stall, []],
  ])('%s', async (_name, fault, expected) => {
    const { text, ended } = await watch();
    proxy.inject({ verb: 'watch' }, fault);
    emit(one, two, bookmark);
    watches[0]?.end();
    expect(await ended).toBe('end');
    expect(text()).toBe(expected.map((line) => `${line}\n`).join(''));
  });

  it('are cut in the middle of a frame', async () => {
    const { text, ended } = await watch();
    proxy.inject({ verb: 'watch' }, cutMidFrame, 1);
    emit(one);
    expect(await ended).toBe('reset');
    expect(text()).toBe(one.slice(0, Math.ceil(one.length / 2)));
  });

  it('are closed in order instead of a frame', async () => {
    const { text, ended } = await watch();
    proxy.inject({ verb: 'watch' }, endWatch, 1);
    emit(one);
    expect([await ended, text()]).toEqual(['end', '']);
  });

  it('are cut from outside although nothing happens on them', async () => {
    const { ended } = await watch();
    expect(proxy.log.openWatches()).toHaveLength(1);
    expect(proxy.cutWatches({ resource: 'pods' }, 'midFrame')).toBe(1);
    expect(await ended).toBe('reset');
    await waitFor(() => proxy.log.openWatches().length === 0, { intervalMs: 5 });
  });

  it('report an expired resource version as their only event', async () => {
    proxy.inject({ verb: 'watch' }, expiredEvent, 1);
    const answer = await call(WATCH);
    expect(answer.statusCode).toBe(200);
    expect(JSON.parse(await answer.body.text())).toMatchObject({ type: 'ERROR', object: { code: 410 } });
    expect(seen).toEqual([]);
  });
});

describe('a frozen view', () => {
  it('asks for lists at the old version and holds watches back until it thaws', async () => {
    const view = proxy.freezeView({ resource: 'pods' }, '42');
    await call(`${PODS}?limit=500`);
    expect(seen).toEqual([`GET ${PODS}?limit=500&resourceVersion=42&resourceVersionMatch=Exact`]);
    const opening = call(WATCH);
    await call('/api/v1/secrets');
    expect(seen).not.toContain(`GET ${WATCH}`);
    view.thaw();
    expect((await opening).statusCode).toBe(200);
    await call(PODS);
    expect(seen.at(-1)).toBe(`GET ${PODS}`);
  });
});
