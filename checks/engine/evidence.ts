/**
 * What shows a verdict, made fit to be kept for years: redacted, bounded, and the same as long as the server does the same. Times, request
 * ids and other noise are left out, so that a server that does not change adds one blob to the store and not one each run; when it was seen
 * stands in the finding.
 */
import { canonicalJson } from '../../core/canonical-json.ts';
import { excerpt } from '../../core/excerpt.ts';
import { sha256Hex } from '../../core/sha256.ts';
import { isSecretName, REDACTED, type Exchange } from '../../mcp/index.ts';
import { secretClassOf } from '../secrets/index.ts';
import type { EvidenceRecord, FindingRecord, ServerReference } from './record.ts';

/** All excerpts of one blob together, in characters. */
const MAX_EXCERPTS = 8 * 1024;
const MAX_BODY = 2 * 1024;
const MAX_EXCHANGES = 16;
const MAX_HEADER = 256;
const MAX_DETAILS = 8 * 1024;
/** What {@link EvidenceRecord} promises. */
const MAX_CONTENT = 64 * 1024;

/** Headers of answers that checks go by; the rest is noise, or somebody's secret. */
const SHOWN_HEADERS: ReadonlySet<string> = new Set([
  'access-control-allow-credentials',
  'access-control-allow-origin',
  'allow',
  'cache-control',
  'content-encoding',
  'content-type',
  'location',
  'mcp-protocol-version',
  'mcp-session-id',
  'retry-after',
  'vary',
  'www-authenticate',
  'x-accel-buffering',
]);

type HeaderRecord = Readonly<Record<string, string>>;

export interface EvidenceInput {
  readonly tool: { readonly name: string; readonly version: string };
  readonly server: ServerReference;
  /** Of the server's object, when there is one. */
  readonly generation?: number;
  readonly finding: Pick<FindingRecord, 'check' | 'outcome' | 'message' | 'era' | 'fields'>;
  /** In the order in which they show it. */
  readonly exchanges: readonly Exchange[];
  readonly details?: unknown;
}

/** @returns the blob; the same input gives the same digest. */
export function evidenceOf(input: EvidenceInput): EvidenceRecord {
  const { tool, server, generation, finding, details } = input;
  const { check, outcome, message, era, fields } = finding;
  const shown = input.exchanges.slice(0, MAX_EXCHANGES).map(shownExchange(input.exchanges.length));
  const rest = {
    check,
    outcome,
    message,
    ...(era !== undefined && { era }),
    tool,
    server: { ...server, ...(generation !== undefined && { generation }) },
    ...(fields.length > 0 && { fields }),
    ...(details !== undefined && { details: boundedDetails(details) }),
  };
  const content = fitting(rest, shown);
  const digest = `sha256:${sha256Hex(content)}`;
  return { digest, mediaType: 'application/json', content };
}

/** Leaves exchanges out from the end until the blob has its size; escapes make excerpts longer than their limits say. */
function fitting(rest: Readonly<Record<string, unknown>>, exchanges: readonly object[]): string {
  const content = canonicalJson({ ...rest, exchanges });
  if (Buffer.byteLength(content) <= MAX_CONTENT) return content;
  if (exchanges.length > 0) return fitting(rest, exchanges.slice(0, -1));
  const { fields: _large, details: _larger, ...small } = rest;
  return canonicalJson({ ...small, exchanges, shortened: true });
}

function shownExchange(count: number): (exchange: Exchange) => object {
  const maxBody = Math.min(MAX_BODY, Math.floor(MAX_EXCERPTS / Math.min(count, MAX_EXCHANGES) / 2));
  return ({ id, request, response, failure }) => ({
    id,
    request: {
      method: request.method,
      url: excerpt(request.url, MAX_HEADER),
      headers: shownHeaders(request.headers, () => true),
      ...(request.body !== undefined && { body: shownText(request.body, maxBody) }),
    },
    ...(response !== undefined && {
      response: {
        status: response.status,
        headers: shownHeaders(response.headers, (name) => SHOWN_HEADERS.has(name)),
        body: shownText(response.body, maxBody),
        ...(response.truncated && { truncated: true }),
      },
    }),
    ...(failure !== undefined && { failure }),
  });
}

function shownHeaders(headers: HeaderRecord, isShown: (name: string) => boolean): HeaderRecord {
  const entries = Object.entries(headers)
    .filter(([name]) => isShown(name))
    .slice(0, SHOWN_HEADERS.size)
    .map(([name, value]) => [name, isHidden(name) ? REDACTED : shownText(value, MAX_HEADER)] as const);
  return Object.fromEntries(entries);
}

/** A challenge names schemes and addresses, and never a credential. */
function isHidden(name: string): boolean {
  return name !== 'www-authenticate' && isSecretName(name);
}

/** Words that are long enough to be a secret. */
const WORD = /[^\s"'<>,;{}()[\]\\]{12,512}/g;

/** Redacts before it cuts: half a secret is not recognised any more. */
function shownText(text: string, maxLength: number): string {
  const redacted = text
    .slice(0, maxLength * 2)
    .replace(WORD, (word) => (secretClassOf('', word) === undefined ? word : REDACTED));
  return excerpt(redacted, maxLength);
}

function boundedDetails(details: unknown): unknown {
  const text = JSON.stringify(details) ?? 'null';
  return text.length <= MAX_DETAILS ? JSON.parse(text) : { excerpt: excerpt(text, MAX_DETAILS / 2) };
}
