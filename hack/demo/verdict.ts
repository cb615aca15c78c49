/**
 * What the demo promises and how it is judged: two servers Ready, one not, and that one for its own reason. Pure, so that the promise
 * can be read and tested without a cluster.
 */

/** The part of an MCPServer that the demo looks at, as `kubectl get -o json` prints it. */
export interface ServerView {
  readonly metadata: { readonly name: string; readonly uid?: string; readonly generation?: number };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly compliance?: { readonly score?: number };
    readonly conditions?: readonly ConditionView[];
  };
}

/** A condition, as far as people read it. */
export interface ConditionView {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

/** How one condition of one server must end. */
export interface Expectation {
  readonly server: string;
  readonly condition: string;
  readonly status: 'True' | 'False';
  readonly reason?: string;
}

/** The three sample servers. `broken` is healthy for Kubernetes and no MCP server: see examples/broken.yaml. */
const EXPECTATIONS: readonly Expectation[] = [
  { server: 'everything', condition: 'Ready', status: 'True' },
  { server: 'modern', condition: 'Ready', status: 'True' },
  { server: 'broken', condition: 'Available', status: 'True' },
  { server: 'broken', condition: 'Verified', status: 'False', reason: 'HTTPError' },
  { server: 'broken', condition: 'Ready', status: 'False' },
];

/** @returns what is not yet as expected, one short text each; empty when the demo has come out right. */
export function unmet(servers: readonly ServerView[], expectations = EXPECTATIONS): readonly string[] {
  return expectations.flatMap((expectation) => {
    const server = servers.find(({ metadata }) => metadata.name === expectation.server);
    const condition = current(server).find(({ type }) => type === expectation.condition);
    if (condition !== undefined && meets(condition, expectation)) return [];
    return [`${expectation.server} ${expectation.condition}=${shown(condition)}`];
  });
}

/** @returns the server's conditions, none of them when they speak of an older generation of its spec. */
export function current(server: ServerView | undefined): readonly ConditionView[] {
  const isCurrent = server?.status?.observedGeneration === server?.metadata.generation;
  return isCurrent ? (server?.status?.conditions ?? []) : [];
}

function meets(condition: ConditionView, { status, reason }: Expectation): boolean {
  return condition.status === status && (reason === undefined || condition.reason === reason);
}

function shown(condition: ConditionView | undefined): string {
  return condition === undefined ? 'unknown' : `${condition.status} (${condition.reason})`;
}
