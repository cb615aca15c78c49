/** The examples of approval without a cluster: test/integration/approval-whole.test.ts applies them, and holds them to what their comments promise. */
import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { validateApprovalPolicy, type ApprovalPolicySpec } from '../../api/index.ts';
import { DECISION_VERBS } from '../../approval/index.ts';
import { approvalPolicyProblems } from '../../webhooks/approval/policy.ts';

interface Document {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec?: ApprovalPolicySpec;
  readonly rules?: readonly Rule[];
}

interface Rule {
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

const FOLDER = new URL('.', import.meta.url);
const files = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'));
/** A boundary: what the files hold is judged below. */
const documents = files.flatMap((name) =>
  parseAllDocuments(readFileSync(new URL(name, FOLDER), 'utf8')).map(
    (document) => document.toJS() as Document,
  ),
);
const policies = documents.filter(({ kind }) => kind === 'ApprovalPolicy');
const rules = documents.flatMap((document) => document.rules ?? []);

describe('examples/approval', () => {
  it.each(policies)('$metadata.name is valid, and can be kept to', (policy) => {
    expect(validateApprovalPolicy(policy)).toMatchObject({ valid: true });
    expect(approvalPolicyProblems(policy.spec as ApprovalPolicySpec)).toEqual([]);
  });

  it('gives verbs on policies that are there, by their names', () => {
    const names = policies.map(({ metadata }) => metadata.name);
    const given = rules.filter(({ resources }) => resources.includes('approvalpolicies'));
    expect(given.length).toBeGreaterThan(0);
    for (const { resourceNames = [], verbs } of given) {
      expect(resourceNames.length).toBeGreaterThan(0);
      expect(names).toEqual(expect.arrayContaining([...resourceNames]));
      expect(DECISION_VERBS).toEqual(expect.arrayContaining([...verbs]));
    }
  });

  it('lets nobody change or delete what people decided', () => {
    const others = rules.filter(({ resources }) => !resources.includes('approvalpolicies'));
    expect(new Set(others.flatMap(({ verbs }) => verbs))).toEqual(
      new Set(['get', 'list', 'watch', 'create']),
    );
  });

  it('is listed in the README and in docs/approval.md', () => {
    const readme = readFileSync(new URL('../README.md', FOLDER), 'utf8');
    const page = readFileSync(new URL('../../docs/approval.md', FOLDER), 'utf8');
    expect(files.filter((name) => !readme.includes(`](approval/${name})`))).toEqual([]);
    expect(files.filter((name) => !page.includes(`](../examples/approval/${name})`))).toEqual([]);
  });
});
