/** From the operator's configuration file to a report: the whole way, over an embedded store. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProgram } from '../cli/index.ts';
import { systemClock } from '../core/clock.ts';
import { OWNER, SAMPLE_RESULTS, sampleRun } from '../reports/testing/sample.ts';
import { Store } from '../stores/index.ts';
import { loadSettings } from './config/load.ts';
import { openHistory } from './open-history.ts';

const directory = mkdtempSync(join(tmpdir(), 'history-'));
const config = join(directory, 'operator.yaml');
const FENCE = { epoch: 1 };

beforeAll(async () => {
  writeFileSync(config, `store: {mode: Embedded, directory: ${join(directory, 'data')}}\n`);
  const store = new Store(loadSettings({}, config).store, systemClock);
  const { finishedAt = '', result = 'NonCompliant', score = 0, coverage = 0, ...run } = sampleRun();
  await store.beginRun(
    run,
    SAMPLE_RESULTS.map(({ server }) => server),
    FENCE,
  );
  for (const share of SAMPLE_RESULTS) await store.recordServer(run.id, share, FENCE);
  await store.finishRun(run.id, { finishedAt, result, score, coverage }, FENCE);
  await store.close();
}, 120_000);
afterAll(() => rmSync(directory, { recursive: true }));

async function report(...argv: readonly string[]) {
  const written: Record<'results' | 'notes', string[]> = { results: [], notes: [] };
  const code = await runProgram(['report', ...argv], {
    version: '1.2.3',
    roles: [],
    output: {
      result: (text) => void written.results.push(text),
      note: (text) => void written.notes.push(text),
    },
    openHistory: ({ configFile }) => openHistory(configFile),
  });
  return { code, results: written.results.join('\n'), notes: written.notes.join('\n') };
}

describe('kilo-mcp report over a store', () => {
  it('tells what was recorded, with evidence and a ledger that is intact', async () => {
    const { code, results, notes } = await report(
      '--config',
      config,
      '--run',
      'latest',
      '--check',
      'team-a/nightly',
    );
    expect({ code, notes }).toEqual({ code: 0, notes: '' });
    const json = JSON.parse(results) as { findings: object[]; evidence: object[]; history: object[] };
    expect(json).toMatchObject({
      score: 71,
      run: { id: sampleRun().id, owner: OWNER },
      summary: { outcomes: { Pass: 1, Fail: 1, Error: 1, Warn: 1, Waived: 1 } },
      ledger: { intact: true },
    });
    expect([json.findings.length, json.evidence.length, json.history.length]).toEqual([8, 1, 1]);
  });

  it('tells a period', async () => {
    const { code, results } = await report('--config', config, '--period', '2026-11-01..2026-11-30');
    expect(code).toBe(0);
    expect(JSON.parse(results)).toMatchObject({
      summary: { runs: 1, failures: { high: 1, medium: 1 } },
      waivers: [{ owner: 'platform-team' }],
    });
  });

  it.each([
    ['a file that is not there', '/nowhere/operator.yaml', '/nowhere/operator.yaml'],
    ['a file that names no store', join(directory, 'none.yaml'), 'set store.mode to External or Embedded'],
  ])('says what is wrong with %s', async (_reason, path, text) => {
    writeFileSync(join(directory, 'none.yaml'), 'logLevel: info\n');
    const ended = await report('--config', path, '--run', 'latest');
    expect(ended).toMatchObject({ code: 2, results: '' });
    expect(ended.notes).toContain(text);
  });
});
