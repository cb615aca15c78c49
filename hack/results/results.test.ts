import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { clearResults, readResults, RESULTS_DIRECTORY, sum, writeResults } from './results.ts';

const home = process.cwd();
let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'results-'));
  process.chdir(directory);
});
afterEach(() => {
  process.chdir(home);
  rmSync(directory, { recursive: true });
});

it('reads back what was written', () => {
  writeResults('test', { passed: 3, failed: 1, skipped: 0 });
  expect(readResults('test')).toEqual({ passed: 3, failed: 1, skipped: 0 });
});

it('counts a command that left nothing, or something unreadable, as one failure', () => {
  const oneFailure = { passed: 0, failed: 1, skipped: 0 };
  expect(readResults('test')).toEqual(oneFailure);
  writeResults('test', { passed: 3, failed: 0, skipped: 0 });
  clearResults('test');
  expect(readResults('test')).toEqual(oneFailure);
  writeResults('test', { passed: 3, failed: 0, skipped: 0 });
  writeFileSync(join(RESULTS_DIRECTORY, 'test.json'), '{"passed": "3"}');
  expect(readResults('test')).toEqual(oneFailure);
});

it('adds up', () => {
  expect(
    sum([
      { passed: 1, failed: 0, skipped: 2 },
      { passed: 4, failed: 3, skipped: 0 },
    ]),
  ).toEqual({ passed: 5, failed: 3, skipped: 2 });
});
