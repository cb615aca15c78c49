/**
 * Everything that a conclusion about a server may rest on, gathered once: what deciding reads, and nothing else.
 */
import type { MCPServer } from '../../api/index.ts';
import type { BrokenPolicy } from './broken-policies.ts';
import type { Deployment, Pod } from './kinds.ts';
import type { ProbeMemory } from './probe-memory.ts';

/** What became of the children. */
export type ChildrenOutcome =
  | { readonly kind: 'applied' }
  /** The server is suspended: they were not looked at. */
  | { readonly kind: 'suspended' }
  /** Somebody else's object has the name of a child. `object` is how to name it in a sentence. */
  | { readonly kind: 'collision'; readonly object: string; readonly owner: string | undefined }
  /** The API server refused one; `message` is its own. */
  | { readonly kind: 'refused'; readonly object: string; readonly message: string }
  /** One is on its way out and comes again when it is gone. */
  | { readonly kind: 'terminating'; readonly object: string };

/** The running side of a server with pods. */
export interface Workload {
  /** Of the template as it should be. */
  readonly templateHash: string;
  /** Absent until it was created. */
  readonly deployment: Deployment | undefined;
  /** Pods that a node put out and that are still there to say why; they are replaced already. */
  readonly evictedPods: readonly Pod[];
  /** The server's pods that are not being deleted and have not ended. */
  readonly pods: readonly Pod[];
  /** Those of them that were made from the current template. */
  readonly currentPods: readonly Pod[];
}

/** @see observe */
export interface Observed {
  readonly server: MCPServer;
  readonly children: ChildrenOutcome;
  /** Absent for a remote server. */
  readonly workload: Workload | undefined;
  /** Why the address in a remote server's URL may not be dialled; a name is judged when it is resolved. */
  readonly forbiddenAddress: string | undefined;
  /** The security policies that the stored server breaks, sorted by name. */
  readonly brokenPolicies: readonly BrokenPolicy[];
  readonly probe: ProbeMemory;
  /** Wall time in milliseconds. */
  readonly nowMs: number;
}
