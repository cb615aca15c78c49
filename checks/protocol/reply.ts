/** What a server replied to one request of a check, sorted by what a check may conclude from it. */
import type { Exchange } from '../../mcp/index.ts';

export type Data = Readonly<Record<string, unknown>>;

export type Reply =
  | { readonly kind: 'result'; readonly status: number; readonly id: unknown; readonly result: Data }
  | {
      readonly kind: 'error';
      readonly status: number;
      readonly id: unknown;
      readonly code: unknown;
      readonly data: unknown;
    }
  /** An HTTP answer below 500 without a JSON-RPC answer in it. */
  | { readonly kind: 'http'; readonly status: number }
  /** Credentials or patience are wanted (401, 403, 429): nothing is learned about what was asked. */
  | { readonly kind: 'refused'; readonly status: number }
  /** No whole answer: no connection, silence, an answer that breaks off, or a status from 500. */
  | { readonly kind: 'none'; readonly message: string };

const REFUSALS: ReadonlySet<number> = new Set([401, 403, 429]);

/** Sorts what came back, whatever its id: whether that is the right one is for the check to say. */
export function replyOf({ request, response, failure }: Exchange): Reply {
  if (response === undefined)
    return { kind: 'none', message: failure?.message ?? 'the server did not answer' };
  const { status, messages, truncated } = response;
  if (REFUSALS.has(status)) return { kind: 'refused', status };
  if (status >= 500) return { kind: 'none', message: 'the server answered with a server error (HTTP 5xx)' };
  const answer = pickAnswer(idIn(request.body), messages);
  if (answer !== undefined) return jsonRpcReply(status, answer);
  if (truncated) return { kind: 'none', message: 'the answer broke off or was too large' };
  return { kind: 'http', status };
}

/** The JSON-RPC answers among `messages`: of all, the one to `id` if it is there. */
function pickAnswer(id: unknown, messages: readonly Data[]): Data | undefined {
  const answers = messages.filter((message) => isData(message['error']) || isData(message['result']));
  return answers.find((message) => message['id'] === id) ?? answers[0];
}

function jsonRpcReply(status: number, message: Data): Reply {
  const { id, error, result } = message;
  if (isData(error)) return { kind: 'error', status, id, code: error['code'], data: error['data'] };
  return { kind: 'result', status, id, result: isData(result) ? result : {} };
}

/** @returns the id of the JSON-RPC request in `body`; undefined when it has none. */
export function idIn(body: string | undefined): unknown {
  return messageIn(body)?.['id'];
}

/** @returns the JSON-RPC method of the request that an exchange carried. */
export function methodOf({ request }: Exchange): string | undefined {
  const method = messageIn(request.body)?.['method'];
  return typeof method === 'string' ? method : undefined;
}

function messageIn(body: string | undefined): Data | undefined {
  if (body === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(body);
    return isData(value) ? value : undefined;
  } catch {
    // Sent malformed on purpose.
    return undefined;
  }
}

/** Whether `value` is a JSON object. */
export function isData(value: unknown): value is Data {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
