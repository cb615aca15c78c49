import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { buildOnce } from './build-lock.ts';

const options = { progress: (): void => undefined };
let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'build-lock-'));
  return () => rm(folder, { recursive: true });
});

describe('buildOnce', () => {
  it('builds once for two who ask at the same time', async () => {
    const path = join(folder, 'kubelet');
    let builds = 0;
    const build = async (): Promise<void> => {
      builds += 1;
      await writeFile(path, '', { mode: 0o755 });
    };
    await Promise.all([buildOnce(path, build, options), buildOnce(path, build, options)]);
    expect(builds).toBe(1);
    expect(await readdir(folder)).toEqual(['kubelet']);
  });

  it('lets the next one try after a failure', async () => {
    const path = join(folder, 'kubelet');
    await expect(buildOnce(path, () => Promise.reject(new Error('no disk')), options)).rejects.toThrow(
      'no disk',
    );
    await expect(buildOnce(path, () => writeFile(path, ''), options)).resolves.toBeUndefined();
  });

  it('takes over from a process that died', async () => {
    const path = join(folder, 'kubelet');
    await writeFile(`${path}.lock`, `${process.pid} of an earlier boot/123`);
    await buildOnce(path, () => writeFile(path, ''), options);
    expect(await readdir(folder)).toEqual(['kubelet']);
  });
});
