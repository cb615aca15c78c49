/** Which servers a check or a waiver speaks of. Pure. A selector that cannot be evaluated selects nobody, and is told as a problem. */
import type { FieldError, LabelSelector, MCPServer } from '../../api/index.ts';
import { isMet, requirementProblems, requirementsOf } from '../../checks/policy/selector.ts';
import type { AnyCheck } from './kinds.ts';

/** As much of a namespace as selectors look at. */
export type NamespaceLabels = Readonly<Record<string, string>>;

/** A server with the labels of its namespace. */
export interface LabelledServer {
  readonly server: MCPServer;
  readonly namespaceLabels: NamespaceLabels;
}

interface Selectors {
  readonly serverSelector?: LabelSelector;
  readonly namespaceSelector?: LabelSelector;
}

/** @returns what is wrong with the selectors at `path`. */
export function selectorProblems(selectors: Selectors, path: string): readonly FieldError[] {
  return (['namespaceSelector', 'serverSelector'] as const).flatMap((field) =>
    requirementsOf(selectors[field] ?? {}, `${path}.${field}`).flatMap(requirementProblems),
  );
}

/** Whether both selectors select the server. */
export function isSelected(selectors: Selectors, { server, namespaceLabels }: LabelledServer): boolean {
  return (
    meets(selectors.serverSelector, server.metadata.labels) &&
    meets(selectors.namespaceSelector, namespaceLabels)
  );
}

function meets(selector: LabelSelector = {}, labels: Readonly<Record<string, string>> = {}): boolean {
  const requirements = requirementsOf(selector, '');
  return requirements.every(
    (requirement) => requirementProblems(requirement).length === 0 && isMet(requirement, labels),
  );
}

/** Whether the check covers the server. */
export function isCovered(check: AnyCheck, labelled: LabelledServer): boolean {
  if (check.kind === 'ComplianceCheck' && check.metadata.namespace !== labelled.server.metadata.namespace)
    return false;
  return isSelected(check.spec, labelled);
}
