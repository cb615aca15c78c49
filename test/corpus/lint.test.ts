/** `kilo-mcp lint` finds in every manifest of the corpus what its label says, and nothing else. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type MCPServerManifest,
  defaultMCPSecurityPolicy,
  defaultMCPServer,
  mcpServerSchema,
  securityPolicySchema,
} from '../../api/index.ts';
import { withDefaults } from '../../api/schema/defaults.ts';
import type { JsonSchema } from '../../api/schema/json-schema.ts';
import { CHECK_RULES, POLICY_RULES, policySelects, subjectOf } from '../../checks/index.ts';
import { createRuleJudge, type RuleJudge } from '../../cli/lint/cel/judge.ts';
import { occurrences } from '../../cli/lint/cel/occurrence.ts';
import type { LintFinding } from '../../cli/lint/finding.ts';
import { KINDS, type KindName, fieldsOf } from '../../cli/lint/kinds.ts';
import { lint } from '../../cli/lint/lint.ts';
import { type ParsedFile, join } from '../../cli/lint/manifest/parse.ts';
import { filesOf, readManifests } from '../../cli/lint/manifest/read.ts';
import { DEFAULT_RENDER_SETTINGS } from '../../render/index.ts';
import { CORPUS, type CorpusManifest, loadCorpus } from './corpus.ts';

const corpus = loadCorpus();
const never = new AbortController().signal;

async function read(path: string): Promise<ParsedFile> {
  const files = await filesOf([path]);
  return join(await Promise.all(files.map((file) => readManifests(file, () => process.stdin, never))));
}

const NOTHING: ParsedFile = { manifests: [], problems: [] };

function only(kind: KindName, { manifests, problems }: ParsedFile): ParsedFile {
  return { manifests: manifests.filter(({ value }) => fieldsOf(value)['kind'] === kind), problems };
}

function labelOf({ rule, path, policy }: LintFinding): string {
  if (isCheck(rule)) return rule;
  return policy === undefined ? `${rule}:${path}` : `${policy}/${rule}`;
}

function labelsOf(file: string): readonly string[] {
  return [...new Set((found.get(file) ?? []).map(labelOf))].toSorted();
}

function isCheck(label: string): boolean {
  return label.startsWith('MCP-');
}

let rules: RuleJudge;
let found: ReadonlyMap<string, readonly LintFinding[]>;
beforeAll(async () => {
  const schemas = { MCPServer: mcpServerSchema, MCPSecurityPolicy: securityPolicySchema };
  rules = createRuleJudge({ schemas, deadlineMs: 60_000 });
  const [namespaces, manifests, policies] = [
    await read(`${CORPUS}namespaces.yaml`),
    await read(`${CORPUS}manifests`),
    await read(`${CORPUS}policies`),
  ];
  const settings = { namespace: 'default', namespaceLabels: {}, withChecks: true, rules };
  // The policies among the manifests are there to be judged, not to judge.
  const ofPolicies = await lint(only('MCPSecurityPolicy', manifests), NOTHING, settings, never);
  const servers = join([namespaces, only('MCPServer', manifests)]);
  const ofServers = await lint(servers, policies, settings, never);
  found = Map.groupBy([...ofPolicies.findings, ...ofServers.findings], ({ file }) => file);
}, 60_000);
afterAll(() => rules.close());

describe('the corpus', () => {
  it('is large, and its policies and namespaces are well-formed', () => {
    expect(corpus.manifests.length).toBeGreaterThanOrEqual(120);
    expect(corpus.manifests.filter(({ expected }) => expected.length === 0).length).toBeGreaterThanOrEqual(
      40,
    );
    expect([...found.keys()].filter((file) => !file.includes('/manifests/'))).toEqual([]);
  });

  it.each(corpus.manifests)('$name: $expected', ({ file, expected }) => {
    expect(labelsOf(file).filter((label) => !isCheck(label))).toEqual(expected);
  });

  const checked = corpus.manifests.filter(({ checks }) => checks !== undefined);
  it.each(checked)('$name fails the checks $checks', ({ file, checks }) => {
    expect(labelsOf(file).filter(isCheck)).toEqual(checks);
  });
});

/** Every rule of a schema. */
function rulesOf(schema: JsonSchema): readonly string[] {
  const { properties = {}, items, additionalProperties } = schema;
  const children = [...Object.values(properties), items, additionalProperties].filter(
    (child) => typeof child === 'object',
  );
  const own = (schema['x-kubernetes-validations'] ?? []).map(({ message }) => message);
  return [...own, ...children.flatMap(rulesOf)];
}

function isGood({ expected }: CorpusManifest): boolean {
  return expected.length === 0;
}

describe('the corpus shows both sides', () => {
  const all = Object.values(KINDS).flatMap(({ schema }) => rulesOf(schema));
  const missing = (some: readonly string[]): readonly string[] => all.filter((rule) => !some.includes(rule));

  it('of every rule of our kinds: kept', () => {
    const kept = corpus.manifests.filter(isGood).flatMap(({ object }) => {
      const { schema } = object.kind === 'MCPServer' ? KINDS.MCPServer : KINDS.MCPSecurityPolicy;
      return occurrences(schema, withDefaults(schema, object)).map(({ rule }) => rule.message);
    });
    expect(missing(kept)).toEqual([]);
  });

  it('of every rule of our kinds: broken', () => {
    const broken = [...found.values()]
      .flat()
      .filter(({ rule }) => rule === 'cel')
      .map(({ message }) => message);
    expect(missing(broken)).toEqual([]);
  });

  it('of every check: failed', () => {
    const failed = new Set(corpus.manifests.flatMap(({ checks = [] }) => checks));
    // No MCPServer can say "Unconfined", so that no seccomp profile is ever missing.
    expect(CHECK_RULES.map(({ id }) => id).filter((id) => !failed.has(id))).toEqual(['MCP-W05']);
  });

  it('of every rule of a policy: broken', () => {
    const broken = new Set([...found.values()].flat().map(({ rule }) => rule));
    expect(POLICY_RULES.map(({ id }) => id).filter((id) => !broken.has(id))).toEqual([]);
  });

  it('of every rule of a policy: kept', () => {
    const kept = corpus.manifests.filter(isGood).filter(isServer).flatMap(rulesSetFor);
    expect(POLICY_RULES.map(({ id }) => id).filter((id) => !kept.includes(id))).toEqual([]);
  });
});

function isServer({ object }: CorpusManifest): boolean {
  return object.kind === 'MCPServer';
}

/** The rules of all policies that judge the server. */
function rulesSetFor({ object }: CorpusManifest): readonly string[] {
  const server = defaultMCPServer(object as object as MCPServerManifest);
  const { namespace: name } = server.metadata;
  const labels = corpus.namespaces.find(({ metadata }) => metadata.name === name)?.metadata.labels;
  const subject = subjectOf(server, { name, labels: { ...labels } }, DEFAULT_RENDER_SETTINGS);
  return corpus.policies
    .map(defaultMCPSecurityPolicy)
    .filter((policy) => policySelects(policy, subject))
    .flatMap(({ spec }) => POLICY_RULES.map(({ id }) => id).filter((id) => at(spec, id) !== undefined));
}

function at(value: unknown, path: string): unknown {
  return path.split('.').reduce((part, field) => fieldsOf(part)[field], value);
}
