/**
 * Which servers a policy speaks of. A doubt about that is decided against the server: somebody relies on the policy, and a demand that cannot
 * be evaluated would otherwise take its servers out.
 */
import type { FieldError, LabelSelector, MCPSecurityPolicy, MCPSecurityPolicySpec } from '../../api/index.ts';
import type { Subject } from '../subject.ts';
import { oncePer } from '../once.ts';
import { type Requirement, contradictions, isMet, requirementProblems, requirementsOf } from './selector.ts';

/** The demands of selectors that can be evaluated, and what is wrong with the others. */
interface Selection {
  readonly ofNamespace: readonly Requirement[];
  readonly ofServer: readonly Requirement[];
  readonly problems: readonly FieldError[];
}

const TENANT_WRITABLE: FieldError = {
  path: 'spec.serverSelector',
  message:
    'cannot be used with enforcement Enforce, because whoever writes an MCPServer writes its labels: use namespaceSelector, or enforcement Warn or Audit',
};

/** Whether the policy judges the server; true also where it might, because a part of its selectors cannot be evaluated. */
export function policySelects({ spec }: MCPSecurityPolicy, { namespace, server }: Subject): boolean {
  const { ofNamespace, ofServer } = selectionOf(spec);
  return (
    ofNamespace.every((requirement) => isMet(requirement, namespace.labels)) &&
    ofServer.every((requirement) => isMet(requirement, server.metadata.labels))
  );
}

/** @returns what is wrong with the selectors of a policy. */
export function selectorProblems(spec: MCPSecurityPolicySpec): readonly FieldError[] {
  return selectionOf(spec).problems;
}

const selectionOf = oncePer((spec: MCPSecurityPolicySpec): Selection => {
  const isEnforced = spec.enforcement === 'Enforce';
  const ofNamespace = judge(spec.namespaceSelector, 'spec.namespaceSelector', isEnforced);
  const ofServer = judge(spec.serverSelector ?? {}, 'spec.serverSelector', isEnforced);
  const isTenantWritable = isEnforced && spec.serverSelector !== undefined;
  return {
    ofNamespace: ofNamespace.sound,
    ofServer: isTenantWritable ? [] : ofServer.sound,
    problems: [...ofNamespace.problems, ...ofServer.problems, ...(isTenantWritable ? [TENANT_WRITABLE] : [])],
  };
});

/** A selector that selects nothing is a mistake where somebody counts on being protected; elsewhere it does no harm. */
function judge(
  selector: LabelSelector,
  path: string,
  isEnforced: boolean,
): { readonly sound: readonly Requirement[]; readonly problems: readonly FieldError[] } {
  const all = requirementsOf(selector, path);
  const wellFormed = all.filter((requirement) => requirementProblems(requirement).length === 0);
  const contradicted = isEnforced ? contradictions(wellFormed) : [];
  return {
    sound: wellFormed.filter(({ key }) => !contradicted.includes(key)),
    problems: [
      ...all.flatMap(requirementProblems),
      ...contradicted.map((key) => ({ path, message: contradictionMessage(key) })),
    ],
  };
}

function contradictionMessage(key: string): string {
  return `contradicts itself about the label ${key}, so that it selects nothing and the policy protects nothing: remove one of its conditions on ${key}`;
}
