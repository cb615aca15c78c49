import { describe, expect, it } from 'vitest';
import { program } from './catalogue.ts';
import { locate, type Outcome, type Source } from './sources.ts';

const etcd = program('etcd', '1.36.3', { os: 'linux', architecture: 'amd64' });
const quiet = (): void => undefined;

function source(name: string, outcome: Outcome, asked: string[] = []): Source {
  return {
    name,
    find: () => {
      asked.push(name);
      return Promise.resolve(outcome);
    },
  };
}

describe('locate', () => {
  it('takes the first source that has the program and asks no further', async () => {
    const asked: string[] = [];
    const sources = [
      source('cache', { declined: 'not in the cache' }, asked),
      source('download', { path: '/x/etcd', detail: 'downloaded' }, asked),
      source('go', { path: '/y/etcd', detail: 'built' }, asked),
    ];
    expect(await locate(etcd, sources, quiet)).toEqual({
      path: '/x/etcd',
      origin: 'downloaded (not in the cache)',
    });
    expect(asked).toEqual(['cache', 'download']);
  });

  it('names every reason and the remedy when none has it', async () => {
    const sources = [source('a', { declined: 'no network' }), source('b', { declined: 'no Go' })];
    await expect(locate(etcd, sources, quiet)).rejects.toThrow(
      'no etcd 3.7.3 could be had: no network; no Go. Set KILO_MCP_BINARIES to a directory that holds it.',
    );
  });

  it('does not hide a fault behind the next source', async () => {
    const damaged: Source = { name: 'download', find: () => Promise.reject(new Error('wrong checksum')) };
    const next = source('go', { path: '/y/etcd', detail: 'built' });
    await expect(locate(etcd, [damaged, next], quiet)).rejects.toThrow('wrong checksum');
  });
});
