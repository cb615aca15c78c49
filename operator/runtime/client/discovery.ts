/** What the API server serves: for kinds that others may install or not. Every authenticated user may ask. */
import { NotFoundError } from './api-error.ts';
import type { Transport } from './transport.ts';

export interface Discovery {
  /**
   * Names of the resources of one version of a group, subresources left out; empty where that version is not served.
   * @throws a class of `api-error.ts` when nobody could tell.
   */
  resources(group: string, version: string, signal: AbortSignal): Promise<ReadonlySet<string>>;
}

const MAX_BYTES = 1024 * 1024;
const DEADLINE_MS = 10_000;

/** @param userAgent as of a client. */
export function createDiscovery(transport: Transport, userAgent: string): Discovery {
  const headers = { accept: 'application/json', 'user-agent': userAgent };
  return {
    resources: async (group, version, signal) => {
      const path = `/apis/${encodeURIComponent(group)}/${encodeURIComponent(version)}`;
      try {
        const request = {
          method: 'GET',
          path,
          headers,
          deadlineMs: DEADLINE_MS,
          maxBytes: MAX_BYTES,
        } as const;
        return namesOf(await transport.send(request, signal));
      } catch (error) {
        if (error instanceof NotFoundError) return new Set();
        throw error;
      }
    },
  };
}

interface ResourceList {
  readonly resources?: readonly { readonly name?: unknown }[] | null;
}

function namesOf(answer: unknown): ReadonlySet<string> {
  const { resources } = answer as ResourceList;
  const names = (resources ?? []).map(({ name }) => name);
  return new Set(names.filter((name) => typeof name === 'string' && !name.includes('/')) as string[]);
}
