/**
 * What the protocol client's own errors mean for a probe. They quote the server freely, so only their class, an HTTP status
 * or a JSON-RPC code is taken from them.
 */
import {
  ProtocolError,
  SdkError,
  SdkErrorCode,
  SdkHttpError,
  UnsupportedProtocolVersionError,
} from '@modelcontextprotocol/client';
import { failure, networkFailure, ProbeStop } from './failure.ts';
import { isRecord } from './message.ts';

/** JSON-RPC's code for a method that the server does not have. */
const METHOD_NOT_FOUND = -32601;

/** @param request what was asked, such as `tools/list`. */
export function sdkFailure(error: unknown, request: string): ProbeStop {
  const own = ownFailure(error) ?? networkFailure(error);
  if (own !== undefined) return own;
  if (isVersionRefusal(error)) {
    return failure('UnsupportedProtocolVersion', 'the server speaks no known protocol version', error);
  }
  if (error instanceof SdkHttpError) {
    return failure('HTTPError', `the server answers ${request} with HTTP ${String(error.status)}`, error);
  }
  if (error instanceof ProtocolError) {
    return failure('ProtocolError', `the server answers ${request} with error ${error.code}`, error);
  }
  return otherFailure(error, request);
}

/** The client passes our own errors on, sometimes as a cause. */
function ownFailure(error: unknown, depth = 0): ProbeStop | undefined {
  if (error instanceof ProbeStop) return error;
  return error instanceof Error && depth < 5 ? ownFailure(error.cause, depth + 1) : undefined;
}

/** Whether the server has no such method: on HTTP a modern server says so with status 404 and an error in the body. */
export function isMethodNotFound(error: unknown): boolean {
  if (error instanceof ProtocolError) return error.code === METHOD_NOT_FOUND;
  if (!(error instanceof SdkHttpError) || error.status !== 404) return false;
  return errorCodeIn(error.data.text) === METHOD_NOT_FOUND;
}

function otherFailure(error: unknown, request: string): ProbeStop {
  if (error instanceof SdkError && error.code === SdkErrorCode.RequestTimeout) {
    return failure('Timeout', `the server did not answer ${request} in time`, error);
  }
  if (error instanceof SdkError || isSchemaError(error)) {
    return failure('ProtocolError', `the answer to ${request} does not follow the protocol`, error);
  }
  return failure('Internal', `the protocol client failed at ${request}`, error);
}

/** The client throws a plain error for an `initialize` result with a version that it does not know. */
function isVersionRefusal(error: unknown): boolean {
  if (error instanceof UnsupportedProtocolVersionError) return true;
  return error instanceof Error && error.message.startsWith("Server's protocol version is not supported");
}

function isSchemaError(error: unknown): boolean {
  return error instanceof Error && (error.name === 'ZodError' || error.name === '$ZodError');
}

function errorCodeIn(text: unknown): unknown {
  if (typeof text !== 'string') return undefined;
  try {
    const message: unknown = JSON.parse(text);
    const error = isRecord(message) ? message['error'] : undefined;
    return isRecord(error) ? error['code'] : undefined;
  } catch {
    // A page of a proxy, or nothing: no error code in it, which is the answer.
    return undefined;
  }
}
