/** What every phase works with: the rig, the load, the operator, and a place for figures. */
import type { MCPServer } from '../../api/index.ts';
import type { PlainClient } from '../harness/plain-client.ts';
import type { ObjectView, SeenObject } from './load/object-view.ts';
import type { FigureKey } from './report/catalogue.ts';
import type { RigControlPlane } from './rig/control-plane.ts';
import { countCalls, type CallCounts } from './rig/audit.ts';
import { OPERATOR_USER, type BenchOperator } from './rig/operator.ts';
import type { BenchSettings } from './settings.ts';

/** Namespace of the servers. */
export const NAMESPACE = 'bench';

/** As much of a Deployment as phases look at. */
export interface SeenDeployment extends SeenObject {
  readonly status?: { readonly observedGeneration?: number; readonly readyReplicas?: number };
}

/** One run. */
export interface Bench {
  readonly settings: BenchSettings;
  /** Names of the servers. */
  readonly names: readonly string[];
  readonly controlPlane: RigControlPlane;
  readonly load: PlainClient;
  readonly operator: BenchOperator;
  /** The servers and their Deployments in {@link NAMESPACE}. */
  readonly servers: ObjectView<MCPServer & SeenObject>;
  readonly deployments: ObjectView<SeenDeployment>;
  readonly signal: AbortSignal;
  readonly record: (key: FigureKey, value: number) => void;
  /** A line for whoever waits. */
  readonly report: (text: string) => void;
}

/** A part of a run. Phases build on what earlier ones left behind. */
export interface Phase {
  readonly name: string;
  run(bench: Bench): Promise<void>;
}

/** What the operator asked of the API server during `work`. */
export async function countDuring(
  { controlPlane }: Bench,
  work: () => Promise<unknown>,
): Promise<CallCounts> {
  const mark = await controlPlane.audit.mark();
  await work();
  return countCalls(await controlPlane.audit.calls(OPERATOR_USER, mark));
}

/** Whether the operator has concluded about the server as it is: every child applied, and the status says so. */
export function isCurrent({ metadata, status }: MCPServer): boolean {
  const applied = status?.conditions?.find(({ type }) => type === 'ResourcesReady');
  return (
    status?.observedGeneration === metadata.generation &&
    applied?.status === 'True' &&
    applied.observedGeneration === metadata.generation
  );
}

/** Whether the server is Ready as it is. */
export function isReady(server: MCPServer): boolean {
  const ready = server.status?.conditions?.find(({ type }) => type === 'Ready');
  return isCurrent(server) && ready?.status === 'True';
}

/** How long everything at once may take: a generous second for ten servers. */
export function deadlineMs({ names }: Bench): number {
  return 30_000 + names.length * 100;
}
