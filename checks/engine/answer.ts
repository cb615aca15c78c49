/** What one exchange says as JSON-RPC: an answer to its request, or our own words why there is none. */
import type { Exchange } from '../../mcp/index.ts';
import type { NotOpened } from './context.ts';

type Data = Readonly<Record<string, unknown>>;

export type Answer =
  | { readonly kind: 'result'; readonly result: Data }
  | { readonly kind: 'error'; readonly status: number; readonly code: unknown; readonly data: unknown }
  | { readonly kind: 'none'; readonly reason: NotOpened['reason']; readonly message: string };

/** @param id of the JSON-RPC request; an error without an id answers it too, as JSON-RPC 2.0 says in section 5. */
export function answerOf({ response, failure }: Exchange, id: number): Answer {
  if (response === undefined) {
    return { kind: 'none', reason: 'Failed', message: failure?.message ?? 'the server did not answer' };
  }
  const { status, messages } = response;
  if (status === 401 || status === 403) {
    return { kind: 'none', reason: 'AuthRequired', message: `the server answers HTTP ${status}` };
  }
  const message = messages.find((candidate) => isAnswerTo(id, candidate));
  const { result, error } = message ?? {};
  if (isData(error)) return { kind: 'error', status, code: error['code'], data: error['data'] };
  if (isData(result) && status < 300) return { kind: 'result', result };
  return noAnswer(response);
}

/** @returns what answer it is, for a message of ours: only a class, a status or a code. */
export function describeAnswer(answer: Answer): string {
  if (answer.kind === 'none') return answer.message;
  if (answer.kind === 'result') return 'the answer does not follow the protocol';
  const code = Number.isInteger(answer.code) ? String(answer.code) : 'without a code';
  return `the server answers with error ${code}`;
}

function noAnswer({ status, truncated }: NonNullable<Exchange['response']>): Answer {
  if (status >= 300 && status < 400) {
    return { kind: 'none', reason: 'Failed', message: 'the server redirects, which is not followed' };
  }
  if (status >= 500) return { kind: 'none', reason: 'Failed', message: `the server answers HTTP ${status}` };
  if (status >= 400)
    return { kind: 'none', reason: 'NotSpoken', message: `the server answers HTTP ${status}` };
  if (truncated) {
    return { kind: 'none', reason: 'Failed', message: 'the answer is too large, too slow or breaks off' };
  }
  return { kind: 'none', reason: 'NotSpoken', message: 'the answer is not one of the protocol' };
}

function isAnswerTo(id: number, message: Data): boolean {
  if (message['id'] === id) return message['result'] !== undefined || message['error'] !== undefined;
  return message['error'] !== undefined && (message['id'] ?? null) === null;
}

/** Whether `value` is a JSON object. */
export function isData(value: unknown): value is Data {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
