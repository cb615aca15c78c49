/**
 * The Pod Security Standards on a server: its pod template is judged as rendered, and each finding names the field of the MCPServer that
 * decides.
 */
import { containersOf } from './containers.ts';
import { evaluatePodSecurity, type PodSecurityFinding, type PodSecurityLevel } from './podsecurity/index.ts';
import type { Subject } from './subject.ts';

/** @returns what in the pods of the server breaks the profile; empty without pods. */
export function podSecurityOf(subject: Subject, level: PodSecurityLevel): readonly PodSecurityFinding[] {
  const { metadata = {}, spec } = subject.workload?.deployment.spec.template ?? {};
  if (spec === undefined) return [];
  const findings = evaluatePodSecurity(level, { metadata, spec });
  return findings.map((finding) => ({ ...finding, path: serverPath(subject, finding.path) }));
}

const IN_CONTAINER = /^(initContainers|containers)\[name=([^\]]+)\]\.(.+)$/;

/** @returns the field of the MCPServer behind a field of its pods. */
function serverPath(subject: Subject, path: string): string {
  const [, list, name, field = ''] = IN_CONTAINER.exec(path) ?? [];
  const judged = containersOf(subject).find((each) => each.list === list && each.container.name === name);
  if (judged !== undefined) return judged.path(field);
  if (path.startsWith('volumes[')) return `spec.${path}`;
  return path.startsWith('metadata.') ? `spec.podTemplate.${path}` : `spec.podTemplate.spec.${path}`;
}
