/**
 * Violations as people read them at a refused `kubectl apply`, as warnings, and as an auditor finds them. Each form is bounded: a list
 * that somebody made long must not become a message that nobody can send.
 */
import { GROUP, mcpServerResource } from '../../api/index.ts';
import type { Violation } from '../../checks/index.ts';
import type { Denial } from '../admission/review.ts';

/** Which server is spoken of. */
interface ServerName {
  readonly namespace: string;
  readonly name: string;
}

const MAX_SHOWN = 20;
const MAX_CAUSES = 64;
const MAX_LINE = 1_024;
/** The API server cuts one warning at 256 characters, and ignores what goes beyond 4,096 in all. */
const MAX_WARNING = 256;
const MAX_WARNINGS = 4_096;
/** Kubernetes' own advice for a warning. */
const SHORT_WARNING = 120;
const MAX_ANNOTATION = 4_096;

/** Refuses, with every violation at once: in one message for people and field by field for programs. */
export function policyDenial({ namespace, name }: ServerName, violations: readonly Violation[]): Denial {
  const shown = violations
    .slice(0, MAX_SHOWN)
    .map((violation) => `\n- ${cut(sentenceOf(violation), MAX_LINE)}`);
  const rest = violations.length - shown.length;
  const more = rest > 0 ? `\n- and ${rest} more: correct these first` : '';
  return {
    code: 403,
    reason: 'Forbidden',
    message: `MCPServer ${namespace}/${name} breaks ${counted(violations)}:${shown.join('')}${more}`,
    details: {
      group: GROUP,
      kind: mcpServerResource.kind,
      name,
      causes: violations.slice(0, MAX_CAUSES).map((violation) => ({
        reason: 'FieldValueForbidden',
        field: violation.path,
        message: cut(printable(`${origin(violation)}: ${adviceOf(violation)}`), MAX_LINE),
      })),
    },
  };
}

/** @returns warnings that the API server passes on whole, the last one a count when there are too many. */
export function policyWarnings(violations: readonly Violation[]): readonly string[] {
  const warnings: string[] = [];
  // Room for the count: it is shorter than any cut warning.
  let room = MAX_WARNINGS - MAX_WARNING;
  for (const violation of violations) {
    const warning = warningOf(violation);
    room -= warning.length;
    if (room < 0)
      return [
        ...warnings,
        `and ${violations.length - warnings.length} more violations of MCPSecurityPolicies`,
      ];
    warnings.push(warning);
  }
  return warnings;
}

/** For the audit log, whatever became of the request. */
export function auditAnnotations(violations: readonly Violation[]): Readonly<Record<string, string>> {
  const told = violations.map((violation) => `${origin(violation)}: ${violation.path}`).join('; ');
  return { violations: cut(printable(told), MAX_ANNOTATION) };
}

function counted({ length }: readonly Violation[]): string {
  return length === 1 ? 'a rule of an MCPSecurityPolicy' : `${length} rules of MCPSecurityPolicies`;
}

function sentenceOf(violation: Violation): string {
  const { path, value } = violation;
  const seen = value === '' ? path : `${path} (${value})`;
  return printable(`${origin(violation)}: ${seen}: ${adviceOf(violation)}`);
}

function adviceOf({ message, fix }: Violation): string {
  return `${message}${message.endsWith('.') ? '' : '.'} ${fix}`;
}

function warningOf(violation: Violation): string {
  const where = `${origin(violation)}: ${violation.path}`;
  const long = printable(`${where}: ${adviceOf(violation)}`);
  return long.length <= SHORT_WARNING ? long : cut(printable(`${where}: ${violation.message}`), MAX_WARNING);
}

function origin({ policy, rule }: Violation): string {
  return `policy ${policy}, ${rule}`;
}

/** Neither an HTTP header nor a terminal takes control characters well. */
function printable(text: string): string {
  return text.replaceAll(/\p{C}/gu, ' ');
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
