import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ConfigError } from '../core/errors.ts';
import { createAuthority } from '../hack/cluster/pki.ts';
import { readClientAuthorities } from './client-authorities.ts';

const directory = mkdtempSync(join(tmpdir(), 'client-authorities-'));
afterAll(() => rmSync(directory, { recursive: true }));

function fileWith(text: string): string {
  const path = join(directory, 'ca.crt');
  writeFileSync(path, text);
  return path;
}

describe('the authorities of a client certificate', () => {
  it('are none without a file', () => {
    expect(readClientAuthorities('')).toBeUndefined();
  });

  it('are what the file holds', async () => {
    const [one, other] = await Promise.all(['one', 'other'].map((name) => createAuthority(name, new Date())));
    const both = `# two of them\n${one?.certificate ?? ''}\n${other?.certificate ?? ''}\n`;
    expect(readClientAuthorities(fileWith(both))).toBe(both);
  });

  it.each<[string, (certificate: string) => string, string]>([
    ['is empty', () => '', 'holds no PEM certificate'],
    ['holds a key', (pem) => pem.replaceAll('CERTIFICATE', 'PRIVATE KEY'), 'holds no PEM certificate'],
    ['was cut', (pem) => pem.slice(0, pem.length / 2), 'certificate 1 in'],
    ['holds no certificate between the lines', (pem) => pem.replace('MII', 'AAA'), 'certificate 1 in'],
    [
      'was cut in its second certificate',
      (pem) => `${pem}\n${pem.slice(0, pem.length / 2)}`,
      'certificate 2 in',
    ],
  ])('are refused when the file %s', async (_reason, change, problem) => {
    const { certificate } = await createAuthority('one', new Date());
    const read = (): unknown => readClientAuthorities(fileWith(change(certificate)));
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(`webhookCertificates.clientCAFile: `);
    expect(read).toThrow(problem);
  });

  it('are refused when there is no file', () => {
    expect(() => readClientAuthorities(join(directory, 'away'))).toThrow(/cannot read .*away/);
  });
});
