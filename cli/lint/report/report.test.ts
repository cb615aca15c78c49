import sarifSchema from '@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json' with { type: 'json' };
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import type { LintFinding, LintResult } from '../finding.ts';
import { formatFindings, formatSummary } from './index.ts';

const SERVER = { kind: 'MCPServer', namespace: 'team-a', name: 'github' };
const DIGEST: LintFinding = {
  level: 'error',
  rule: 'images.requireDigest',
  policy: 'strict',
  severity: 'high',
  object: SERVER,
  file: '/checkout/deploy/git hub.yaml',
  at: { line: 7, column: 5 },
  path: 'spec.source.image.ref',
  value: 'ghcr.io/a/b:1',
  message: 'the image is not pinned',
  fix: 'Append the digest.',
};
const FORM: LintFinding = {
  level: 'error',
  rule: 'cel',
  object: { kind: 'MCPSecurityPolicy', name: 'strict' },
  file: '<stdin>',
  at: { line: 1, column: 1 },
  path: '',
  value: '',
  message: 'no',
  fix: '',
};
const PARSE: LintFinding = {
  level: 'error',
  rule: 'parse',
  file: '/elsewhere/x.yaml',
  at: { line: 3, column: 2 },
  path: '',
  value: '',
  message: 'no YAML',
  fix: '',
};
const RESULT: LintResult = {
  findings: [DIGEST, { ...FORM, level: 'warning' }, PARSE],
  judged: { MCPServer: 1, MCPSecurityPolicy: 2 },
  ignored: { Service: 3 },
};
const NOTHING: LintResult = { findings: [], judged: {}, ignored: {} };
const settings = { version: '1.2.3', directory: '/checkout' };

describe('text', () => {
  it('says place, level, object, field, message and rule, as compilers do', () => {
    expect(formatFindings('text', RESULT, settings).split('\n')).toEqual([
      '/checkout/deploy/git hub.yaml:7:5: error: team-a/MCPServer/github: spec.source.image.ref: the image is not pinned [strict/images.requireDigest]',
      '    seen: ghcr.io/a/b:1',
      '    fix:  Append the digest.',
      '<stdin>:1:1: warning: MCPSecurityPolicy/strict: no [cel]',
      '/elsewhere/x.yaml:3:2: error: no YAML [parse]',
    ]);
  });

  it('is nothing when there is nothing to say', () => {
    expect(formatFindings('text', NOTHING, settings)).toBe('');
  });

  it('lets no file move the cursor, or begin a line', () => {
    const evil = { ...DIGEST, message: '\u001b[2J', value: 'a\n::error::b', path: 'spec.\u202E' };
    const text = formatFindings('text', { ...RESULT, findings: [evil] }, settings);
    expect(text).not.toMatch(/[^\P{C}\n]/u);
    expect(text.split('\n')).toHaveLength(3);
  });

  it.each([
    {
      reason: 'something of everything',
      result: RESULT,
      text: '2 errors, 1 warning, 0 notes in 1 MCPServer, 2 MCPSecurityPolicies; ignored other kinds: Service (3)',
    },
    { reason: 'nothing', result: NOTHING, text: '0 errors, 0 warnings, 0 notes in no object of ours' },
  ])('sums up $reason', ({ result, text }) => {
    expect(formatSummary(result)).toBe(text);
  });
});

describe('json', () => {
  it('has a member for everything', () => {
    expect(JSON.parse(formatFindings('json', { ...RESULT, findings: [DIGEST, PARSE] }, settings))).toEqual({
      findings: [
        {
          level: 'error',
          rule: 'images.requireDigest',
          policy: 'strict',
          severity: 'high',
          object: SERVER,
          file: '/checkout/deploy/git hub.yaml',
          line: 7,
          column: 5,
          path: 'spec.source.image.ref',
          value: 'ghcr.io/a/b:1',
          message: 'the image is not pinned',
          fix: 'Append the digest.',
        },
        {
          level: 'error',
          rule: 'parse',
          file: '/elsewhere/x.yaml',
          line: 3,
          column: 2,
          path: '',
          value: '',
          message: 'no YAML',
          fix: '',
        },
      ],
      summary: {
        errors: 2,
        warnings: 0,
        notes: 0,
        judged: { MCPServer: 1, MCPSecurityPolicy: 2 },
        ignored: { Service: 3 },
      },
    });
  });
});

interface Sarif {
  readonly runs: readonly {
    readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
    readonly results: readonly {
      readonly ruleId: string;
      readonly ruleIndex: number;
      readonly partialFingerprints: Readonly<Record<string, string>>;
    }[];
  }[];
}

function sarif(result: LintResult): Sarif {
  return JSON.parse(formatFindings('sarif', result, settings)) as Sarif;
}

/** The schema is of an older draft, which calls its name `id`; nothing else in it differs. */
function sarifErrors(log: unknown): unknown {
  const { $schema: _, id, ...schema } = sarifSchema;
  const ajv = new Ajv({ allErrors: true, strict: false, validateFormats: false, unicodeRegExp: false });
  return ajv.validate({ ...schema, $id: id }, log) ? [] : ajv.errors;
}

describe('sarif', () => {
  it('keeps to the schema of SARIF 2.1.0', () => {
    expect(sarifErrors(sarif(RESULT))).toEqual([]);
    expect(sarifErrors(sarif(NOTHING))).toEqual([]);
    expect(sarifErrors({ ...sarif(RESULT), version: '2' })).not.toEqual([]);
  });

  it('describes every rule that a result is of', () => {
    const [run] = sarif(RESULT).runs;
    const rules = run?.tool.driver.rules.map(({ id }) => id) ?? [];
    expect(new Set(rules).size).toBe(rules.length);
    expect(run?.results.map(({ ruleIndex }) => rules[ruleIndex])).toEqual(
      run?.results.map(({ ruleId }) => ruleId),
    );
  });

  it('says where, and of which object', () => {
    expect(sarif(RESULT).runs[0]?.results).toMatchObject([
      {
        level: 'error',
        message: {
          text: 'spec.source.image.ref: the image is not pinned [strict/images.requireDigest] Seen: ghcr.io/a/b:1. Append the digest.',
        },
        locations: [
          {
            physicalLocation: {
              artifactLocation: { uri: 'deploy/git%20hub.yaml', uriBaseId: '%SRCROOT%' },
              region: { startLine: 7, startColumn: 5 },
            },
            logicalLocations: [{ fullyQualifiedName: 'team-a/MCPServer/github' }],
          },
        ],
      },
      { level: 'warning', locations: [{ physicalLocation: { artifactLocation: { uri: 'stdin' } } }] },
      { locations: [{ physicalLocation: { artifactLocation: { uri: 'file:///elsewhere/x.yaml' } } }] },
    ]);
  });

  it('knows a finding again wherever in its file it stands, and no other for it', () => {
    const variants = [
      DIGEST,
      { ...DIGEST, at: { line: 99, column: 1 }, message: 'in other words' },
      { ...DIGEST, policy: 'other' },
      { ...DIGEST, value: 'ghcr.io/a/b:2' },
      { ...DIGEST, object: { ...SERVER, name: 'gitlab' } },
    ];
    const prints = sarif({ ...RESULT, findings: variants }).runs[0]?.results.map(
      ({ partialFingerprints }) => partialFingerprints['kiloMcpFinding/v1'],
    );
    expect(prints?.[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(prints?.[1]).toBe(prints?.[0]);
    expect(new Set(prints).size).toBe(4);
  });
});
