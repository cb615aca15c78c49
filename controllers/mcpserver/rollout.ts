/**
 * How far a Deployment is: the questions that `kubectl rollout status` asks, with its answers.
 */
import type { MCPServer } from '../../api/index.ts';
import { effectiveReplicas, maxUnavailable } from '../../render/index.ts';
import type { Deployment, Pod } from './kinds.ts';
import type { Workload } from './observed.ts';
import { isReady } from './pod-failures.ts';

/** Whether the Deployment's controller has seen the newest template, every pod has it, and no other pod is left. */
export function isRolledOut(server: MCPServer, deployment: Deployment | undefined): boolean {
  if (deployment === undefined) return false;
  const { observedGeneration = 0, updatedReplicas = 0, replicas = 0 } = deployment.status ?? {};
  if (observedGeneration < (deployment.metadata.generation ?? 0)) return false;
  return updatedReplicas === effectiveReplicas(server) && replicas === updatedReplicas;
}

/**
 * The ready pods of the current template, once their Deployment counts ready pods as well. A pod is ready a moment before its
 * Deployment says so; to report each by itself would be two writes of one piece of news.
 */
export function countedPods({ deployment, currentPods }: Workload): readonly Pod[] {
  return (deployment?.status?.readyReplicas ?? 0) > 0 ? currentPods.filter(isReady) : [];
}

/**
 * How many pods must be available: all, less those that the strategy lets go missing during a rollout. One at least: without any,
 * nobody answers, whatever the strategy permits.
 */
export function minimumAvailable(server: MCPServer): number {
  const { replicas } = server.spec;
  return Math.max(1, replicas - resolve(maxUnavailable(server), replicas));
}

/** A number, or a percentage of `total` rounded down, as the Deployment's controller rounds it. */
function resolve(value: number | string, total: number): number {
  if (typeof value === 'number') return value;
  return Math.floor((Number.parseFloat(value) / 100) * total);
}
