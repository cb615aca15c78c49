import { describe, expect, it } from 'vitest';
import { parseLibraries } from './root-file-system.ts';

describe('parseLibraries', () => {
  it('finds libraries and the loader, but not what the kernel provides', () => {
    const output = [
      '\tlinux-vdso.so.1 (0x00007ffd2b5f2000)',
      '\tlibdl.so.2 => /lib/x86_64-linux-gnu/libdl.so.2 (0x00007f1c2a3d1000)',
      '\tlibstdc++.so.6 => /lib/x86_64-linux-gnu/libstdc++.so.6 (0x00007f1c2a1b7000)',
      '\t/lib64/ld-linux-x86-64.so.2 (0x00007f1c2a3e4000)',
      '',
    ].join('\n');
    expect(parseLibraries(output)).toEqual([
      '/lib/x86_64-linux-gnu/libdl.so.2',
      '/lib/x86_64-linux-gnu/libstdc++.so.6',
      '/lib64/ld-linux-x86-64.so.2',
    ]);
  });
});
