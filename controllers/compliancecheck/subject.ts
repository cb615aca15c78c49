/**
 * What of a server a verdict rests on: when it changes, the server is checked again. It is looked at once the server has come to rest, since a
 * rollout changes it several times.
 */
import type { MCPServer } from '../../api/index.ts';
import { digest } from '../../core/canonical-json.ts';

/** How long a server that does not become ready may take to be called at rest. */
export const REST_MS = 60_000;

const MOST_SEEN = 10_000;

/** @returns a hash over generation, labels, image, definitions, and those that were accepted. */
export function subjectHash({ metadata, status }: MCPServer): string {
  return digest({
    generation: metadata.generation ?? 0,
    labels: metadata.labels ?? {},
    image: status?.image?.digest ?? '',
    definitions: status?.definitions?.hash ?? '',
    // Only where there is one, so that an upgrade is no change of every server.
    ...(status?.baseline && { baseline: status.baseline.hash }),
  });
}

/** Whether the server is ready at its present generation, so that nothing about it is about to change. */
export function isAtRest({ metadata, status }: MCPServer): boolean {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  return ready?.status === 'True' && ready.observedGeneration === metadata.generation;
}

/** Since when servers are as they are, so that those which never become ready are checked too. */
export class RestWatch {
  readonly #seen = new Map<string, { readonly subject: string; readonly sinceMs: number }>();

  /** @returns in how many milliseconds the server counts as at rest; 0 when it does. @param nowMs monotonic. */
  restInMs(server: MCPServer, nowMs: number): number {
    const uid = server.metadata.uid ?? '';
    if (isAtRest(server)) {
      this.#seen.delete(uid);
      return 0;
    }
    const subject = subjectHash(server);
    const seen = this.#seen.get(uid);
    if (seen?.subject !== subject) {
      // Servers that never came up and are gone: forgetting the others with them costs them a minute.
      if (this.#seen.size >= MOST_SEEN) this.#seen.clear();
      this.#seen.set(uid, { subject, sinceMs: nowMs });
      return REST_MS;
    }
    return Math.max(0, seen.sinceMs + REST_MS - nowMs);
  }
}
