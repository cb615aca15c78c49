/**
 * The policies of `examples/policies/`, and the MCPServer that each of them refuses, judged: for the page that explains them and for the
 * test that holds them to their words.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import {
  type MCPSecurityPolicy,
  type MCPServer,
  securityPolicyResource,
  mcpServerResource,
  validateMCPSecurityPolicy,
  validateMCPServer,
} from '../../api/index.ts';
import {
  type NamespaceFacts,
  type Subject,
  type Violation,
  evaluatePolicies,
  subjectOf,
} from '../../checks/index.ts';
import { DEFAULT_RENDER_SETTINGS } from '../../render/index.ts';

const FOLDER = new URL('../../examples/policies/', import.meta.url);

/** One file of policies, and what they say of the server that they refuse. */
export interface PolicyExample {
  /** Of both files, without `.yaml`. */
  readonly name: string;
  readonly policies: readonly MCPSecurityPolicy[];
  readonly refused: Subject;
  readonly violations: readonly Violation[];
}

/** @returns every example, by name. */
export function policyExamples(): readonly PolicyExample[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.yaml'))
    .toSorted()
    .map((file) => policyExample(file));
}

function policyExample(file: string): PolicyExample {
  const policies = objectsOf(file).map((object) => policyOf(file, object));
  const refused = refusedSubject(`refused/${file}`);
  return {
    name: file.replace('.yaml', ''),
    policies,
    refused,
    violations: evaluatePolicies(policies, refused),
  };
}

/** @returns the objects of a manifest below `examples/policies/`. */
function objectsOf(file: string): readonly unknown[] {
  const text = readFileSync(new URL(file, FOLDER), 'utf8');
  return parseAllDocuments(text, { merge: true }).map((document): unknown => document.toJS());
}

function policyOf(file: string, object: unknown): MCPSecurityPolicy {
  const validation = validateMCPSecurityPolicy(object);
  if (validation.valid) return validation.policy;
  throw new Error(
    `${file} holds no valid ${securityPolicyResource.kind}: ${JSON.stringify(validation.errors)}`,
  );
}

/** A Namespace, whose labels say which policies ask, and one MCPServer in it. */
function refusedSubject(file: string): Subject {
  const [namespace, object] = objectsOf(file);
  const server = serverOf(file, object);
  return subjectOf(server, factsOf(namespace, server.metadata.namespace), DEFAULT_RENDER_SETTINGS);
}

function serverOf(file: string, object: unknown): MCPServer {
  const validation = validateMCPServer(object);
  if (validation.valid) return validation.server;
  throw new Error(`${file} holds no valid ${mcpServerResource.kind}: ${JSON.stringify(validation.errors)}`);
}

function factsOf(namespace: unknown, name: string): NamespaceFacts {
  // A boundary: a manifest of ours, which the test of the examples compares with the server's own namespace.
  const { metadata } = namespace as { metadata: { labels?: Readonly<Record<string, string>> } };
  return { name, labels: { ...metadata.labels, 'kubernetes.io/metadata.name': name } };
}
