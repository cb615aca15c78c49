/**
 * Opening a server in one era over raw exchanges, as a conforming client would, so that everything it says on the way can be judged.
 */
import {
  formInitialize,
  formRequest,
  PROTOCOL_VERSIONS,
  type ClientInfo,
  type Era,
  type Exchange,
  type ExchangeRequest,
  type RequestForm,
} from '../../mcp/index.ts';
import { answerOf, describeAnswer, isData, type Answer } from './answer.ts';
import type { NotOpened, Opened, Opening } from './context.ts';
import { readLists } from './read-lists.ts';

/** Codes that only modern servers answer with: header mismatch, missing capability, unsupported version. */
const MODERN_ERRORS: ReadonlySet<unknown> = new Set([-32020, -32021, -32022]);
const METHOD_NOT_FOUND = -32601;
const VERSION = /^\d{4}-\d{2}-\d{2}$/;

export interface OpenSettings {
  readonly clientInfo: ClientInfo;
  /** Sends one request, within the caller's budget and deadline. */
  readonly send: (request: ExchangeRequest) => Promise<Exchange>;
  /** Ids of JSON-RPC requests, unique in the conversation. */
  readonly nextId: () => number;
  readonly onFurtherPage: () => void;
  readonly lists: 'all' | 'hashed';
}

/** Asks for everything the server declares in `era`. Rejects as `settings.send` does; the server's faults are in the opening. */
export function openEra(era: Era, settings: OpenSettings): Promise<Opening> {
  return era === 'modern' ? openModern(settings) : openLegacy(settings);
}

async function openModern(settings: OpenSettings): Promise<Opening> {
  const { clientInfo, send, nextId } = settings;
  const form: RequestForm = { era: 'modern', protocolVersion: PROTOCOL_VERSIONS.modern, clientInfo };
  const id = nextId();
  const exchange = await send(formRequest(form, id, 'server/discover'));
  const answer = answerOf(exchange, id);
  const refusal = modernRefusal(answer);
  if (refusal !== undefined || answer.kind !== 'result') {
    return notOpened('modern', exchange, refusal ?? reasonOf(answer));
  }
  return opened(settings, form, answer.result, [exchange.id]);
}

/** @returns why the answer to `server/discover` does not open the server; undefined when it does. */
function modernRefusal(answer: Answer): Pick<NotOpened, 'reason' | 'message'> | undefined {
  if (answer.kind === 'error') {
    if (!speaksModern(answer)) return undefined;
    const message = `the server speaks the modern era and answers server/discover with error ${String(answer.code)}`;
    return { reason: 'Failed', message };
  }
  if (answer.kind === 'none') return undefined;
  const { supportedVersions, capabilities } = answer.result;
  if (!Array.isArray(supportedVersions) || !isData(capabilities)) {
    const message = 'the answer to server/discover lacks supportedVersions or capabilities';
    return { reason: 'Failed', message };
  }
  if (supportedVersions.includes(PROTOCOL_VERSIONS.modern)) return undefined;
  const message = `the server does not list revision ${PROTOCOL_VERSIONS.modern}`;
  return { reason: 'NotSpoken', message };
}

function speaksModern({ code, status }: Extract<Answer, { kind: 'error' }>): boolean {
  return MODERN_ERRORS.has(code) || (code === METHOD_NOT_FOUND && status === 404);
}

async function openLegacy(settings: OpenSettings): Promise<Opening> {
  const { clientInfo, send, nextId } = settings;
  const id = nextId();
  const exchange = await send(formInitialize(clientInfo, id));
  const answer = answerOf(exchange, id);
  if (answer.kind !== 'result') return notOpened('legacy', exchange, reasonOf(answer));
  const { protocolVersion, capabilities } = answer.result;
  if (typeof protocolVersion !== 'string' || !VERSION.test(protocolVersion) || !isData(capabilities)) {
    const message = 'the answer to initialize lacks a protocol version or capabilities';
    return notOpened('legacy', exchange, { reason: 'Failed', message });
  }
  const sessionId = exchange.response?.headers['mcp-session-id'];
  const form = { era: 'legacy', protocolVersion, clientInfo, ...(sessionId !== undefined && { sessionId }) };
  return openedLegacy(settings, form as RequestForm, answer.result, exchange);
}

async function openedLegacy(
  settings: OpenSettings,
  form: RequestForm,
  result: Readonly<Record<string, unknown>>,
  exchange: Exchange,
): Promise<Opening> {
  const initialized = await settings.send(formRequest(form, undefined, 'notifications/initialized'));
  return opened(settings, form, result, [exchange.id, initialized.id]);
}

async function opened(
  { send, nextId, onFurtherPage, lists }: OpenSettings,
  form: RequestForm,
  result: Readonly<Record<string, unknown>>,
  exchanges: readonly string[],
): Promise<Opening> {
  const capabilities = isData(result['capabilities']) ? result['capabilities'] : {};
  const instructions = typeof result['instructions'] === 'string' ? result['instructions'] : undefined;
  const ask = async (method: string, params: Readonly<Record<string, unknown>>) => {
    const id = nextId();
    return [await send(formRequest(form, id, method, params)), id] as const;
  };
  const read = await readLists({ ask, onFurtherPage }, capabilities, instructions, lists);
  const what: Opened = {
    ...read,
    era: form.era,
    protocolVersion: form.protocolVersion ?? PROTOCOL_VERSIONS[form.era],
    capabilities,
    ...(instructions !== undefined && { instructions }),
    ...(form.sessionId !== undefined && { sessionId: form.sessionId }),
    exchanges: [...exchanges, ...read.exchanges],
  };
  return { kind: 'opened', opened: what };
}

/** An error to the era's first request means that the era is not spoken, whatever its code: servers choose it freely. */
function reasonOf(answer: Answer): Pick<NotOpened, 'reason' | 'message'> {
  if (answer.kind === 'none') return answer;
  const isBroken = answer.kind === 'error' && answer.status >= 500;
  return { reason: isBroken ? 'Failed' : 'NotSpoken', message: describeAnswer(answer) };
}

function notOpened(
  era: Era,
  exchange: Exchange,
  { reason, message }: Pick<NotOpened, 'reason' | 'message'>,
): Opening {
  return { kind: 'notOpened', era, reason, message, exchanges: [exchange.id] };
}
