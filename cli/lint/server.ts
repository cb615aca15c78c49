/** A server that stands in a file, judged by policies and, when asked for, by the checks of the catalogue. */
import { type MCPSecurityPolicy, type MCPServerManifest, defaultMCPServer } from '../../api/index.ts';
import {
  type Finding,
  type NamespaceFacts,
  type Severity,
  type Violation,
  evaluateChecks,
  evaluatePolicies,
  findingKey,
  subjectOf,
} from '../../checks/index.ts';
import { DEFAULT_RENDER_SETTINGS } from '../../render/index.ts';
import type { Level, LintFinding } from './finding.ts';
import type { NamespaceLabels } from './flags.ts';
import { fieldsOf, textsOf } from './kinds.ts';
import type { Manifest } from './manifest/parse.ts';
import type { JudgedObject } from './object.ts';

export interface ServerSettings {
  /** Labels of namespaces, for the selectors of policies. */
  readonly namespaceLabels: NamespaceLabels;
  /** Whether to run the checks of the catalogue too. */
  readonly withChecks: boolean;
}

/** As every API server labels every namespace. */
const NAME_LABEL = 'kubernetes.io/metadata.name';

/** What a policy that is not enforced finds stops nobody, so it is no error. */
const LEVEL_OF_ENFORCEMENT: Readonly<Record<MCPSecurityPolicy['spec']['enforcement'], Level>> = {
  Enforce: 'error',
  Warn: 'warning',
  Audit: 'note',
};

const LEVEL_OF_SEVERITY: Readonly<Record<Severity, Level>> = {
  critical: 'error',
  high: 'warning',
  medium: 'warning',
  low: 'note',
  info: 'note',
};

/** @returns the settings with the labels that Namespace objects have; what the settings say of a namespace already wins. */
export function withNamespaces(settings: ServerSettings, namespaces: readonly Manifest[]): ServerSettings {
  const found = namespaces.map(({ value }) => {
    const { name, labels } = fieldsOf(fieldsOf(value)['metadata']);
    return [String(name), textsOf(labels)] as const;
  });
  const { namespaceLabels } = settings;
  return { ...settings, namespaceLabels: { ...Object.fromEntries(found), ...namespaceLabels } };
}

/** @returns everything that policies and checks have against a well-formed server. */
export function serverFindings(
  { value, manifest, name }: JudgedObject,
  policies: readonly MCPSecurityPolicy[],
  { namespaceLabels, withChecks }: ServerSettings,
): readonly LintFinding[] {
  // A boundary: the schema has said that it is one.
  const server = defaultMCPServer(value as object as MCPServerManifest);
  const namespace = namespaceFacts(server.metadata.namespace, namespaceLabels);
  const subject = subjectOf(server, namespace, DEFAULT_RENDER_SETTINGS);
  const enforcement = new Map(policies.map(({ metadata, spec }) => [metadata.name, spec.enforcement]));
  const place = (finding: Finding) => ({
    ...finding,
    object: name,
    file: manifest.file,
    at: manifest.at(finding.path),
  });
  return [
    ...unique(evaluatePolicies(policies, subject)).map((violation) => ({
      ...place(violation),
      level: LEVEL_OF_ENFORCEMENT[enforcement.get(violation.policy) ?? 'Enforce'],
    })),
    ...(withChecks ? evaluateChecks(subject) : []).map((finding) => ({
      ...place(finding),
      level: LEVEL_OF_SEVERITY[finding.severity],
    })),
  ];
}

function namespaceFacts(name: string, labels: NamespaceLabels): NamespaceFacts {
  return { name, labels: { ...labels[name], [NAME_LABEL]: name } };
}

/** A policy that was given twice finds everything twice. */
function unique(violations: readonly Violation[]): readonly Violation[] {
  return [...new Map(violations.map((violation) => [findingKey(violation), violation])).values()];
}
