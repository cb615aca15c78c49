import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { aPreImage } from '../../approval/testing/pre-image.ts';
import { anAction, aRow } from '../../approval/testing/rows.ts';
import { serverChangeKey, StoreUnavailableError, type ChangeRecord } from '../../checks/engine/history.ts';
import type { RunRecord } from '../../checks/engine/record.ts';
import { SAMPLE_RESULTS, sampleHistory, sampleReport, sampleRun } from '../../reports/testing/sample.ts';
import { runProgram } from '../index.ts';
import type { HistoryReader } from './history.ts';

const directory = mkdtempSync(join(tmpdir(), 'report-'));
afterAll(() => rmSync(directory, { recursive: true }));

const WEEKLY = { kind: 'ClusterComplianceCheck', namespace: '', name: 'weekly', uid: 'weekly' };
const weekly = sampleRun({
  id: '11111111-2222-4333-8444-555555555555',
  owner: WEEKLY,
  startedAt: '2026-11-25T03:00:00.000Z',
  score: 12,
});
const unfinished = sampleRun({ id: '99999999-2222-4333-8444-555555555555', finishedAt: undefined });
const RUNS: readonly RunRecord[] = [unfinished, weekly, sampleRun(), ...sampleHistory([42, 69]).toReversed()];

const SERVER = anAction().target;
const CHANGES = [1, 2, 3].map((generation): ChangeRecord => ({
  key: serverChangeKey(SERVER.uid, generation),
  kind: 'ServerChanged',
  object: { kind: 'MCPServer', namespace: 'team-a', name: 'github', uid: SERVER.uid },
  changedBy: generation === 3 ? '' : 'ivan',
  summary: `generation ${generation}\u001B[2K`,
  at: `2026-11-0${generation}T00:00:00.000Z`,
}));
const REQUESTS = [aRow({}, { phase: 'Executed', preImage: aPreImage({ generation: 1 }) })];

/** History as a store has it: findings without the content of their evidence. */
class History implements HistoryReader {
  closed = 0;
  runs({ from, to }: { from: string; to: string }, limit: number) {
    const inside = RUNS.filter(({ startedAt }) => startedAt >= from && startedAt < to);
    return Promise.resolve(inside.slice(0, limit));
  }
  run(id: string) {
    return Promise.resolve(RUNS.find((run) => run.id === id));
  }
  results() {
    return Promise.resolve(SAMPLE_RESULTS.map((result) => ({ ...result, evidence: [] })));
  }
  evidence(digest: string) {
    const all = SAMPLE_RESULTS.flatMap(({ evidence }) => evidence);
    return Promise.resolve(all.find((record) => record.digest === digest));
  }
  changes({ to }: { to: string }): Promise<readonly ChangeRecord[]> {
    return Promise.resolve(CHANGES.filter(({ at }) => at < to));
  }
  requestsChangedSince(ledgerSeq: number) {
    return Promise.resolve(REQUESTS.filter((row) => row.ledgerSeq > ledgerSeq));
  }
  ledgerProof() {
    const { proof } = sampleReport();
    return proof === undefined ? Promise.reject(new Error('no proof')) : Promise.resolve(proof);
  }
  close() {
    this.closed += 1;
    return Promise.resolve();
  }
}

async function report(argv: readonly string[], history: HistoryReader = new History()) {
  const written: Record<'results' | 'notes', string[]> = { results: [], notes: [] };
  const opened: string[] = [];
  const code = await runProgram(['report', ...argv], {
    version: '1.2.3',
    roles: [],
    output: {
      result: (text) => void written.results.push(text),
      note: (text) => void written.notes.push(text),
    },
    openHistory: ({ configFile }) => {
      opened.push(configFile);
      return Promise.resolve(history);
    },
  });
  return { code, opened, results: written.results.join('\n'), notes: written.notes.join('\n') };
}

const CONFIG = ['--config', 'operator.yaml'];

describe('kilo-mcp report --run', () => {
  it('tells the run of an id, with evidence, what came before, and the proof', async () => {
    const history = new History();
    const ended = await report([...CONFIG, '--run', sampleRun().id], history);
    expect(ended).toMatchObject({ code: 0, notes: '', opened: ['operator.yaml'] });
    const json = JSON.parse(ended.results) as { history: RunRecord[] };
    expect(json).toMatchObject({
      score: 71,
      evidence: [{ mediaType: 'application/json' }],
      ledger: { intact: true },
    });
    expect(json.history.map(({ score }) => score)).toEqual([71, 71, 69, 42]);
    expect(history.closed).toBe(1);
  });

  it.each([
    ['the last that finished', [], 12],
    ['the last of a check', ['--check', 'team-a/nightly'], 71],
    ['the last of a ClusterComplianceCheck', ['--check', 'weekly'], 12],
  ])('latest is %s', async (_reason, flags, score) => {
    const { results } = await report([...CONFIG, '--run', 'latest', ...flags]);
    expect(JSON.parse(results)).toMatchObject({ score });
  });

  it.each([
    ['sarif', '"version": "2.1.0"'],
    ['junit', '<testsuites'],
    ['oscal', '"assessment-results"'],
    ['csv', '"namespace","server"'],
    ['html', '<!doctype html>'],
  ])('has the format %s', async (format, text) => {
    const { code, results } = await report([...CONFIG, '--run', 'latest', '-f', format]);
    expect(code).toBe(0);
    expect(results).toContain(text);
  });

  it('writes a file for its owner alone, and says so', async () => {
    const file = join(directory, 'report.html');
    const ended = await report([...CONFIG, '--run', 'latest', '-f', 'html', '--out', file]);
    expect(ended).toMatchObject({ code: 0, results: '', notes: `wrote ${file}` });
    expect(readFileSync(file, 'utf8')).toMatch(/<\/html>\n$/);
    expect(statSync(file).mode & 0o077).toBe(0);
  });
});

describe('kilo-mcp report --period', () => {
  it('tells the runs of the period, the last of each check whole', async () => {
    const { code, results } = await report([...CONFIG, '--period', '2026-11-01..2026-11-30']);
    expect(code).toBe(0);
    const pack = JSON.parse(results) as { findings: { run: string }[] };
    expect(pack).toMatchObject({ summary: { runs: 5, truncated: false }, ledger: { intact: true } });
    expect(new Set(pack.findings.map(({ run }) => run))).toEqual(new Set([weekly.id, sampleRun().id]));
  });

  it('can be of one check, as a page', async () => {
    const { results } = await report([
      ...CONFIG,
      '--period',
      '2026-11-01..2026-11-30',
      '--check',
      'weekly',
      '-f',
      'html',
    ]);
    expect(results).toContain('ClusterComplianceCheck/weekly');
    expect(results).not.toContain('ComplianceCheck/team-a/nightly');
  });
});

describe('a mistake', () => {
  const ID = sampleRun().id.replace('8f14', '0000');
  it.each<[string, readonly string[], string]>([
    ['neither run nor period', CONFIG, '--run or --period is missing'],
    ['both', [...CONFIG, '--run', 'latest', '--period', '30d'], 'cannot be used with'],
    ['no configuration', ['--run', 'latest'], "--config: name the operator's configuration file"],
    ['no id', [...CONFIG, '--run', '7'], 'a UUID, or latest'],
    ['an id of no run', [...CONFIG, '--run', ID], `--run: history has no run ${ID}`],
    [
      'a check without runs',
      [...CONFIG, '--run', 'latest', '--check', 'x'],
      '--check: history has no finished run of x',
    ],
    ['a check of a run', [...CONFIG, '--run', ID, '--check', 'x'], '--check: a run has one check already'],
    ['an unknown format', [...CONFIG, '--run', 'latest', '-f', 'pdf'], 'Allowed choices are json, sarif'],
    [
      'a format of runs for a period',
      [...CONFIG, '--period', '30d', '-f', 'oscal'],
      'with --period choose json, csv, html',
    ],
    ['a period that is none', [...CONFIG, '--period', 'May'], 'such as 30d'],
    ['a file that cannot be written', [...CONFIG, '--run', 'latest', '--out', '/nowhere/x'], '--out: ENOENT'],
  ])('is told with the flag and the fix: %s', async (_reason, argv, text) => {
    const ended = await report(argv);
    expect(ended).toMatchObject({ code: 2, results: '' });
    expect(ended.notes).toContain(text);
  });

  it('is no store that is down: that is a failure, and history is closed', async () => {
    const history = new History();
    history.results = () => Promise.reject(new StoreUnavailableError('the store does not answer'));
    const ended = await report([...CONFIG, '--run', 'latest'], history);
    expect(ended).toMatchObject({ code: 1, results: '', notes: 'error: the store does not answer' });
    expect(history.closed).toBe(1);
  });
});

describe('kilo-mcp report changes', () => {
  const changes = (...argv: readonly string[]) =>
    report(['changes', '--period', '2026-11-02..2026-11-03', ...argv]);

  it('lists what no approval is behind, within the period', async () => {
    const { code, opened, results } = await changes(...CONFIG);
    expect({ code, opened }).toEqual({ code: 0, opened: ['operator.yaml'] });
    expect(results.split('\n')).toEqual([
      '2026-11-03T00:00:00.000Z  MCPServer team-a/github  last changed by somebody unknown',
      '    generation 3\\u001b[2K',
      '    no approval (generation 3)',
    ]);
  });

  it('lists everything when told to, with the requests behind it', async () => {
    const { results } = await changes(...CONFIG, '--all', '-o', 'json');
    expect(JSON.parse(results)).toMatchObject([
      {
        change: { key: serverChangeKey(SERVER.uid, 2) },
        isUnapproved: false,
        approvals: [{ phase: 'Executed' }],
      },
      { change: { key: serverChangeKey(SERVER.uid, 3) }, isUnapproved: true, approvals: [] },
    ]);
  });

  it('says so where there is nothing', async () => {
    expect(await report(['changes', '--period', '2026-12-01..2026-12-02', ...CONFIG])).toMatchObject({
      code: 0,
      results: 'nothing',
    });
  });

  it.each([
    ['no configuration', [], '--config: '],
    ['a period that is none', ['--period', 'yesterday', ...CONFIG], 'Write a number of days'],
  ])('refuses %s', async (_reason, argv, text) => {
    const ended = await report(['changes', ...argv]);
    expect(ended).toMatchObject({ code: 2, results: '' });
    expect(ended.notes).toContain(text);
  });
});
