import { createHash } from 'node:crypto';
import { mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { program, type Program } from './catalogue.ts';
import { downloadSource } from './download.ts';
import { cachedPath } from './local.ts';

const CONTENT = '#!/bin/sh\necho kubelet\n';
const quiet = (): void => undefined;

let cache = '';

beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'download-'));
  return () => rm(cache, { recursive: true });
});

/** Serves files by path and counts requests; returns the kubelet as this server publishes it. */
async function publish(
  files: Readonly<Record<string, string>>,
): Promise<{ kubelet: Program; requests: string[] }> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    requests.push(path);
    response.statusCode = Object.hasOwn(files, path) ? 200 : 404;
    response.end(files[path]);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const url = `http://127.0.0.1:${port}/kubelet`;
  const kubelet = program('kubelet', '1.36.3', { os: 'linux', architecture: 'amd64' });
  return { kubelet: { ...kubelet, download: { url, checksumUrl: `${url}.sha256` } }, requests };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

describe('downloadSource', () => {
  it('puts a verified, executable program into the cache', async () => {
    const { kubelet } = await publish({ '/kubelet': CONTENT, '/kubelet.sha256': sha256(CONTENT) });
    const outcome = await downloadSource(cache).find(kubelet, quiet);
    expect(outcome).toMatchObject({ path: cachedPath(cache, kubelet) });
    expect(await readFile(cachedPath(cache, kubelet), 'utf8')).toBe(CONTENT);
    expect((await stat(cachedPath(cache, kubelet))).mode & 0o111).toBe(0o111);
  });

  it('refuses what does not match its checksum and keeps nothing of it', async () => {
    const { kubelet } = await publish({ '/kubelet': 'something else', '/kubelet.sha256': sha256(CONTENT) });
    await expect(downloadSource(cache).find(kubelet, quiet)).rejects.toThrow(/damaged or was replaced/);
    expect(await readdir(dirname(cachedPath(cache, kubelet)))).toEqual([]);
  });

  it('declines where no checksum is published, and asks the host no second time', async () => {
    const { kubelet, requests } = await publish({ '/kubelet': CONTENT });
    const source = downloadSource(cache);
    const declined = { declined: expect.stringMatching(/answers 404 for the checksum$/) };
    expect(await source.find(kubelet, quiet)).toEqual(declined);
    expect(await source.find(kubelet, quiet)).toEqual(declined);
    expect(requests).toEqual(['/kubelet.sha256']);
  });

  it('declines where the host cannot be reached, and says why', async () => {
    const fetcher = (): Promise<Response> =>
      Promise.reject(new TypeError('fetch failed', { cause: new Error('getaddrinfo ENOTFOUND dl.k8s.io') }));
    const kubelet = program('kubelet', '1.36.3', { os: 'linux', architecture: 'amd64' });
    expect(await downloadSource(cache, fetcher).find(kubelet, quiet)).toEqual({
      declined: 'dl.k8s.io cannot be reached: getaddrinfo ENOTFOUND dl.k8s.io',
    });
  });
});
