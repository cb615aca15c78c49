/**
 * What rules look at: a server as it is stored, what would really run for it, and the namespace it is in. The same for admission, for the
 * evaluation in the background and for lint, so that their verdicts cannot differ.
 */
import type { MCPServer } from '../api/index.ts';
import { render, type RenderedWorkload, type RenderSettings } from '../render/index.ts';

/** As much of a namespace as rules ask about. */
export interface NamespaceFacts {
  readonly name: string;
  /** With `kubernetes.io/metadata.name`, as every API server sets it. */
  readonly labels: Readonly<Record<string, string>>;
}

/** One server to judge. */
export interface Subject {
  /** Complete: defaults are filled in. */
  readonly server: MCPServer;
  /** What the operator would apply for it; undefined when its source runs no pods. */
  readonly workload: RenderedWorkload | undefined;
  readonly namespace: NamespaceFacts;
}

/** Renders the server, so that nothing hides in an override. */
export function subjectOf(server: MCPServer, namespace: NamespaceFacts, settings: RenderSettings): Subject {
  return { server, workload: render(server, settings), namespace };
}
