/** Each format by its own parser or schema; the documents are held to the readers' own tools in test/integration/report-documents.test.ts. */
import sarifSchema from '@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json' with { type: 'json' };
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { formatRun, RUN_FORMATS } from './index.ts';
import { GITHUB, hostileReport, sampleFinding, sampleReport, sampleRun } from './testing/sample.ts';

const nothing = sampleReport({
  results: [],
  history: [],
  run: sampleRun({ score: undefined, coverage: undefined, result: 'NotApplicable' }),
});

describe('every format', () => {
  it.each(RUN_FORMATS)('says the same of the same run: %s', (format) => {
    expect(formatRun(format, sampleReport())).toBe(formatRun(format, sampleReport()));
  });

  it.each(RUN_FORMATS)('can tell a run over no server: %s', (format) => {
    expect(formatRun(format, nothing)).not.toBe('');
  });

  it.each(RUN_FORMATS)(
    'lets nobody move the cursor of a terminal, or turn the direction of a text: %s',
    (format) => {
      expect(formatRun(format, hostileReport())).not.toMatch(/[^\P{C}\r\n]/u);
    },
  );
});

describe('json', () => {
  const json = (report = sampleReport()) => JSON.parse(formatRun('json', report)) as Record<string, unknown>;

  it('has the figures, every finding, and evidence', () => {
    expect(json()).toMatchObject({
      score: 71,
      coverage: 88,
      result: 'NonCompliant',
      summary: { outcomes: { Pass: 1, Fail: 1, Error: 1 }, failures: { critical: 0, high: 1, medium: 1 } },
      servers: [{ name: 'github', score: 50 }, { name: 'weather' }],
      ledger: { head: { seq: 1804 }, intact: true },
    });
    expect(json()['findings']).toHaveLength(8);
    expect(json()['evidence']).toHaveLength(1);
  });

  it('names what counts most first', () => {
    const { findings } = json() as { findings: { check: string; outcome: string }[] };
    expect(findings.map(({ outcome }) => outcome).slice(0, 3)).toEqual(['Fail', 'Error', 'Warn']);
    expect(findings.at(-1)?.outcome).toBe('Pass');
  });

  it('says null where there is no figure', () => {
    expect(json(nothing)).toMatchObject({ score: null, coverage: null, findings: [] });
  });
});

describe('sarif', () => {
  interface Log {
    readonly runs: readonly [
      {
        readonly tool: { readonly driver: { readonly rules: readonly { id: string; properties: object }[] } };
        readonly results: readonly { ruleId: string; level: string; ruleIndex: number }[];
        readonly invocations: readonly { readonly toolExecutionNotifications: readonly object[] }[];
      },
    ];
  }
  // Its identifiers are those of draft 4, whose keyword `id` ajv refuses.
  const { $schema: _draft, id: _id, ...schema } = sarifSchema as Record<string, unknown>;
  const validate = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false }).compile(schema);
  const log = (report = sampleReport()) => JSON.parse(formatRun('sarif', report)) as Log;

  it.each([
    ['a run', sampleReport()],
    ['nothing', nothing],
    ['hostile texts', hostileReport()],
  ])('is valid by the schema of 2.1.0: %s', (_reason, report) => {
    expect(validate(log(report)), JSON.stringify(validate.errors)).toBe(true);
  });

  it('has a result for what failed, is waived or wants a person, and a rule for everything asked', () => {
    const [run] = log().runs;
    expect(run.tool.driver.rules).toHaveLength(8);
    expect(run.results.map(({ ruleId, level }) => [ruleId, level])).toEqual([
      ['MCP-S08', 'warning'],
      ['MCP-P05', 'warning'],
      ['MCP-S09', 'note'],
      ['MCP-S07', 'none'],
      ['MCP-W06', 'warning'],
    ]);
    for (const { ruleId, ruleIndex } of run.results)
      expect(run.tool.driver.rules[ruleIndex]?.id).toBe(ruleId);
  });

  it('names the server as a logical location, and the finding by its result id', () => {
    expect(log().runs[0].results[0]).toMatchObject({
      partialFingerprints: { 'kiloMcpResult/v1': '0123456789abcdef' },
      locations: [{ logicalLocations: [{ fullyQualifiedName: 'team-a/MCPServer/github' }] }],
    });
    expect(log().runs[0].tool.driver.rules[0]?.properties).toMatchObject({ 'security-severity': '8.0' });
  });

  it.each([
    ['critical', 'error'],
    ['high', 'warning'],
    ['medium', 'warning'],
    ['low', 'note'],
    ['info', 'note'],
  ] as const)('tells a failure of severity %s as %s', (severity, level) => {
    const results = [{ server: GITHUB, findings: [sampleFinding({ severity })], evidence: [] }];
    expect(log(sampleReport({ results })).runs[0].results[0]?.level).toBe(level);
  });

  it('suppresses a waived failure, and notes what could not be tested', () => {
    const [run] = log().runs;
    expect(run.results.at(-1)).toMatchObject({ suppressions: [{ kind: 'external', status: 'accepted' }] });
    expect(run.invocations[0]?.toolExecutionNotifications).toHaveLength(1);
  });
});

describe('csv', () => {
  const table = (report = sampleReport()) => formatRun('csv', report).split('\r\n');

  it('has a line a finding below the names', () => {
    expect(table()).toHaveLength(9);
    expect(table()[1]).toMatch(/^"team-a","github","MCP-S08",/);
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '|calc', '%0A', '\t=1', ' =1', '\uFF1D1'])(
    'makes no formula of %j',
    (message) => {
      const results = [{ server: GITHUB, findings: [sampleFinding({ message })], evidence: [] }];
      const [, line = ''] = table(sampleReport({ results }));
      expect(line).toContain(`,"'${message.trim()}",`);
    },
  );

  it('keeps a cell a cell, whatever is in it', () => {
    const results = [{ server: GITHUB, findings: [sampleFinding({ message: 'a"b,c\r\nd' })], evidence: [] }];
    expect(table(sampleReport({ results }))).toHaveLength(2);
    expect(table(sampleReport({ results }))[1]).toContain(',"a""b,c d",');
  });
});
