/**
 * An API server that is behind, as a new process may meet it: lists answer with the state at an older resource version, and watches
 * say nothing until the view thaws. The old state is real: the API server itself keeps versions until etcd is compacted.
 */
import { matches, type ApiRequest, type RequestMatch } from './request.ts';

/** A view that stands still. */
export interface FrozenView {
  /** Lets watches through to the present; lists are current again. */
  thaw(): void;
}

/** The frozen views of one proxy. */
export class FrozenViews {
  readonly #views = new Set<{ match: RequestMatch; resourceVersion: string; thawed: Promise<void> }>();

  /** @param resourceVersion of a list: the state that is shown for whatever `match` means. */
  freeze(match: RequestMatch, resourceVersion: string): FrozenView {
    const { promise: thawed, resolve } = Promise.withResolvers<void>();
    const view = { match, resourceVersion, thawed };
    this.#views.add(view);
    return {
      thaw: () => {
        this.#views.delete(view);
        resolve();
      },
    };
  }

  /** The URL to ask instead; the same unless the request is the first page of a frozen list. */
  rewrite(request: ApiRequest): string {
    const view = this.#viewOf(request);
    const url = new URL(request.url, 'https://localhost');
    if (view === undefined || request.verb !== 'list' || url.searchParams.has('continue')) return request.url;
    url.searchParams.set('resourceVersion', view.resourceVersion);
    url.searchParams.set('resourceVersionMatch', 'Exact');
    return url.pathname + url.search;
  }

  /** Resolves when a watch may speak: at once, unless its view is frozen. */
  async thawed(request: ApiRequest): Promise<void> {
    if (request.verb === 'watch') await this.#viewOf(request)?.thawed;
  }

  #viewOf(request: ApiRequest): { resourceVersion: string; thawed: Promise<void> } | undefined {
    return [...this.#views].find(({ match }) => matches(match, request));
  }
}
