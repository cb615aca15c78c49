import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, describe, expect, it } from 'vitest';
import { ConfigError } from '../../../core/errors.ts';
import { MAX_FILE_BYTES } from './parse.ts';
import { filesOf, readManifests } from './read.ts';

const root = mkdtempSync(join(tmpdir(), 'lint-read-'));
afterAll(() => rmSync(root, { recursive: true }));

function file(path: string, content: string | Uint8Array = 'a: 1'): string {
  const full = join(root, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, content);
  return full;
}

const never = new AbortController().signal;
const noInput = (): Readable => Readable.from([]);
const read = (path: string) => readManifests(path, noInput, never);

describe('filesOf', () => {
  const [one, two] = [file('tree/b/one.yaml'), file('tree/a.yml')];
  const three = file('tree/c.json');
  file('tree/notes.md');
  file('tree/.git/hidden.yaml');
  symlinkSync(join(root, 'tree'), join(root, 'tree', 'circle'));
  const odd = file('odd.txt');

  it('finds manifests below a directory, in order', async () => {
    expect(await filesOf([join(root, 'tree')])).toEqual([two, one, three]);
  });

  it('takes a file that is named, whatever its name, and each once', async () => {
    expect(await filesOf([odd, '-', join(root, 'tree'), one])).toEqual([odd, '-', two, one, three]);
  });

  it('refuses what is not there', async () => {
    await expect(filesOf([join(root, 'nowhere')])).rejects.toThrow(ConfigError);
  });
});

describe('readManifests', () => {
  it('reads a file', async () => {
    expect((await read(file('plain.yaml'))).manifests).toMatchObject([{ value: { a: 1 } }]);
  });

  it('reads standard input, and names it', async () => {
    const parsed = await readManifests(
      '-',
      () => Readable.from([Buffer.from('a: '), Buffer.from('2')]),
      never,
    );
    expect(parsed.manifests).toMatchObject([{ file: '<stdin>', value: { a: 2 } }]);
  });

  it('takes a byte order mark for nothing', async () => {
    expect((await read(file('bom.yaml', '\uFEFFa: 1'))).manifests).toMatchObject([{ value: { a: 1 } }]);
  });

  it.each([
    { reason: 'is not UTF-8 text', content: Uint8Array.of(0xff, 0xfe, 0x61, 0x00) },
    {
      reason: 'holds more than 4 MiB: split it into several files',
      content: Buffer.alloc(MAX_FILE_BYTES + 1, 35),
    },
  ])('says of a file that it $reason', async ({ reason, content }) => {
    const { manifests, problems } = await read(file('bad.yaml', content));
    expect(manifests).toEqual([]);
    expect(problems).toMatchObject([{ message: reason, at: { line: 1, column: 1 } }]);
  });

  it('refuses what cannot be read', async () => {
    await expect(read(root)).rejects.toThrow(ConfigError);
  });

  it('stops waiting for input when it is told to', async () => {
    const stop = new AbortController();
    const endless = new Readable({ read: () => undefined });
    const reading = readManifests('-', () => endless, stop.signal);
    stop.abort();
    await expect(reading).rejects.toThrow();
  });
});
