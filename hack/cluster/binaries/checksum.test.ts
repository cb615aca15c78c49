import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fileChecksum, publishedChecksum } from './checksum.ts';

const A = 'a'.repeat(64);
const B = 'b'.repeat(64);

describe('publishedChecksum', () => {
  it.each([
    { reason: 'a digest alone (Kubernetes)', text: A, expected: A },
    { reason: 'a digest with a newline', text: `${A}\n`, expected: A },
    { reason: 'a digest and the file (Helm)', text: `${A}  tool.tar.gz\n`, expected: A },
    { reason: 'a binary-mode mark and a path', text: `${A} *build/tool.tar.gz`, expected: A },
    { reason: 'the right line of many (etcd)', text: `${B}  other.tar.gz\n${A}  tool.tar.gz`, expected: A },
    { reason: 'capital letters', text: A.toUpperCase(), expected: A },
    { reason: 'only other files', text: `${B}  other.tar.gz`, expected: undefined },
    { reason: 'a page that says not found', text: '<html>404</html>', expected: undefined },
    { reason: 'a digest of another length', text: 'abc123', expected: undefined },
  ])('reads $reason', ({ text, expected }) => {
    expect(publishedChecksum(text, 'tool.tar.gz')).toBe(expected);
  });
});

describe('fileChecksum', () => {
  it('is the SHA-256 of the content', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'checksum-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, 'file'), 'abc');
    // The first example of FIPS 180-2.
    expect(await fileChecksum(join(folder, 'file'))).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });
});
