/**
 * The API server as one person meets it: impersonated, and with the warnings that kubectl would print.
 */
import { Agent, request, type Dispatcher } from 'undici';
import { readAccess } from './access.ts';
import type { ContentType } from './plain-client.ts';

/** What came back. */
export interface Reply {
  readonly code: number;
  /** The object, or a Status. */
  readonly body: Readonly<Record<string, unknown>>;
  /** Texts of the `Warning` headers. */
  readonly warnings: readonly string[];
}

/** Somebody, connected. */
export interface Person {
  request(method: Dispatcher.HttpMethod, path: string, body?: object, type?: ContentType): Promise<Reply>;
  close(): Promise<void>;
}

/**
 * Connects as somebody of these groups, and of `system:authenticated`.
 * @param uid as authenticators give to service accounts.
 */
export async function person(
  kubeconfigPath: string,
  username: string,
  uid?: string,
  groups: readonly string[] = [],
): Promise<Person> {
  const { server, ...connect } = await readAccess(kubeconfigPath);
  const dispatcher = new Agent({ connect });
  const headers = {
    'impersonate-user': username,
    ...(uid !== undefined && { 'impersonate-uid': uid }),
    ...(groups.length > 0 && { 'impersonate-group': [...groups] }),
  };
  return {
    request: async (method, path, body, type = 'application/json') => {
      const answer = await request(`${server}${path}`, {
        method,
        headers: { ...headers, 'content-type': type },
        dispatcher,
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const header = [answer.headers['warning'] ?? []].flat().join(', ');
      return {
        code: answer.statusCode,
        body: (await answer.body.json()) as Reply['body'],
        warnings: warningTexts(header),
      };
    },
    close: () => dispatcher.close(),
  };
}

/** `299 - "text"`, with quotes and backslashes escaped, separated by commas (RFC 9110, sections 5.3 and 5.6.4). */
function warningTexts(header: string): readonly string[] {
  return [...header.matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, quoted = '']) =>
    quoted.replaceAll(/\\(.)/g, '$1'),
  );
}
