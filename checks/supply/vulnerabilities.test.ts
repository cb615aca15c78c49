import { describe, expect, test } from 'vitest';
import type { CheckContext, VulnerabilityFacts } from '../engine/context.ts';
import { runCheck } from '../engine/run-check.ts';
import { aDeclaration } from '../engine/testing/checks.ts';
import { aRemoteSubject, aSubject } from '../testing/subjects.ts';
import { drift } from '../workload/drift.ts';
import { isBelow } from './sdk-advisories.ts';
import { vulnerabilities } from './vulnerabilities.ts';

const openssl: VulnerabilityFacts = {
  id: 'CVE-2026-1',
  severity: 'CRITICAL',
  package: 'openssl',
  installedVersion: '3.0.1',
  fixedVersion: '3.0.2',
};
const sdk = {
  ...openssl,
  severity: 'MEDIUM',
  package: '@modelcontextprotocol/sdk',
  installedVersion: '1.24.3',
};

const judge = (
  check: typeof drift,
  live: CheckContext['live'],
  subject: CheckContext['subject'] = aSubject(),
) =>
  runCheck(
    check,
    {
      server: { namespace: 'team-a', name: 'github', uid: 'uid-1' },
      declared: aDeclaration('http://github.team-a'),
      openings: {},
      replicas: [],
      ...(live !== undefined && { live }),
      ...(subject !== undefined && { subject }),
    },
    {},
    new AbortController().signal,
  );

describe('MCP-C03', () => {
  test.each([
    ['a critical one with a fix fails', [openssl], 'Fail', ['openssl 3.0.1: CVE-2026-1']],
    ['the same in two places is told once', [openssl, openssl], 'Fail', ['openssl 3.0.1: CVE-2026-1']],
    ['a critical one without a fix passes', [{ ...openssl, fixedVersion: '' }], 'Pass', []],
    ['one that is only high passes', [{ ...openssl, severity: 'HIGH' }], 'Pass', []],
    ['nothing found passes', [], 'Pass', []],
    [
      'an SDK below known fixes fails whatever the scanner thinks of it',
      [sdk],
      'Fail',
      [
        '@modelcontextprotocol/sdk 1.24.3: GHSA-8r9q-7v3j-jr4g',
        '@modelcontextprotocol/sdk 1.24.3: GHSA-345p-7cg4-v4c7',
      ],
    ],
    ['a newer SDK passes', [{ ...sdk, installedVersion: '1.26.0' }], 'Pass', []],
    [
      'the SDK for Python too',
      [{ ...sdk, package: 'mcp', installedVersion: '1.26.0' }],
      'Fail',
      ['mcp 1.26.0: GHSA-jpw9-pfvf-9f58'],
    ],
  ])('%s', async (_, reported, outcome, values) => {
    const verdict = await judge(vulnerabilities, { vulnerabilities: reported });
    expect(verdict.outcome).toBe(outcome);
    expect((verdict.findings ?? []).map(({ value }) => value)).toEqual(values);
  });

  test('nobody scanned: untestable, and what to install', async () => {
    const verdict = await judge(vulnerabilities, {});
    expect(verdict.outcome).toBe('Untestable');
    expect(verdict.message).toContain('install Trivy Operator');
  });

  test('says nothing of a server elsewhere', async () => {
    expect((await judge(vulnerabilities, {}, aRemoteSubject())).outcome).toBe('NotApplicable');
  });

  test('keeps a report of thousands within bounds', async () => {
    const many = Array.from({ length: 5_000 }, (_, index) => ({ ...openssl, id: `CVE-2026-${index}` }));
    expect((await judge(vulnerabilities, { vulnerabilities: many })).findings).toHaveLength(50);
  });
});

describe('MCP-C07', () => {
  test.each([
    ['nothing differs', [], 'Pass'],
    ['a field differs', [{ object: 'Deployment', path: 'spec.replicas' }], 'Fail'],
  ])('%s', async (_, found, outcome) => {
    const verdict = await judge(drift, { drift: found });
    expect(verdict.outcome).toBe(outcome);
    expect((verdict.findings ?? []).map(({ path }) => path)).toEqual(found.map(({ path }) => path));
  });

  test('nobody compared: untestable, and what to grant', async () => {
    const verdict = await judge(drift, undefined);
    expect(verdict.outcome).toBe('Untestable');
    expect(verdict.message).toContain('grant');
  });

  test('says nothing of a server elsewhere', async () => {
    expect((await judge(drift, { drift: [] }, aRemoteSubject())).outcome).toBe('NotApplicable');
  });
});

test.each([
  ['1.25.1', '1.25.2', true],
  ['1.25.2', '1.25.2', false],
  ['1.9.10', '1.10.0', true],
  ['1.10.0rc1', '1.10.0', true],
  ['1.26.0-beta.1', '1.26.0', true],
  ['1.26.0.post1', '1.26.0', false],
  ['v1.2', '1.23.0', true],
  ['2.0.0', '1.26.0', false],
  ['latest', '1.26.0', false],
])('%s is below %s: %s', (version, release, below) => {
  expect(isBelow(version, release)).toBe(below);
});
