/**
 * The state of everything that belongs to the servers of a namespace, in a form that two moments can be compared in: who did not
 * touch anything leaves it equal.
 */
import { get } from './cluster.ts';

const KINDS = 'mcpservers,deployments,services,serviceaccounts,networkpolicies,poddisruptionbudgets,pods';
const CLIENT_JOB = 'mcp-client';

interface Listed {
  readonly items: readonly {
    readonly kind: string;
    readonly metadata: { readonly name: string; readonly uid: string; readonly resourceVersion: string };
    readonly status?: { readonly containerStatuses?: readonly { readonly restartCount: number }[] };
  }[];
}

/** Kind and name, with uid, resourceVersion and restarts. The pods of the demo's own client job are none of the servers'. */
export async function stateOfTheWorld(namespace: string): Promise<Readonly<Record<string, string>>> {
  const { items } = await get<Listed>(KINDS, '-n', namespace);
  return Object.fromEntries(
    items
      .filter(({ metadata }) => !metadata.name.startsWith(CLIENT_JOB))
      .map(({ kind, metadata, status }) => {
        const restarts = (status?.containerStatuses ?? []).map(({ restartCount }) => restartCount);
        return [
          `${kind} ${metadata.name}`,
          `uid ${metadata.uid}, resourceVersion ${metadata.resourceVersion}, restarts ${restarts.join('+')}`,
        ];
      }),
  );
}
