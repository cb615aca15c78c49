/**
 * Finding a server's protected resource metadata (RFC 9728) as clients do: at the URL that its challenge names, else at the two well-known
 * places. Only the server's own origin is asked. A challenge that names the address by which the world knows the server is followed at the
 * origin that is known here.
 */
import type { Exchange } from '../../mcp/index.ts';
import type { CheckContext } from '../engine/context.ts';
import { bearerChallenge } from './challenge.ts';
import { jsonObject } from './requests.ts';
import { isAnswered, type Answered } from './verdicts.ts';

const WELL_KNOWN = '/.well-known/oauth-protected-resource';

/** Why there is no document. */
export const METADATA_PROBLEMS = {
  /** The challenge names something else than a URL. */
  NoURL: 'The challenge names no usable URL as resource_metadata.',
  /** Another host would have to be asked. */
  Elsewhere: 'The challenge names metadata at another origin, which is not fetched.',
  NotFound: 'Its protected resource metadata is not where clients look: the answer is not HTTP 200.',
  TooLarge: 'Its protected resource metadata is larger than is read, or breaks off.',
  NotJSON: 'Its protected resource metadata is not a JSON object.',
  Unanswered: 'The request for its protected resource metadata is not answered.',
} as const;

/** A document, or why there is none. */
export interface ResourceMetadata {
  readonly exchanges: readonly Exchange[];
  /** At the root of the origin and not below it: the MCP addition to RFC 9728. */
  readonly atRoot: boolean;
  readonly document?: Readonly<Record<string, unknown>>;
  readonly problem?: keyof typeof METADATA_PROBLEMS;
}

/** @param demand the 401 that begins the search. */
export async function findResourceMetadata(
  context: CheckContext,
  demand: Answered,
): Promise<ResourceMetadata> {
  const endpoint = new URL(context.declared.url);
  const challenge = bearerChallenge(demand.response.headers['www-authenticate']);
  const announced = challenge?.parameters.get('resource_metadata');
  // A client that is told where to look looks nowhere else.
  if (announced !== undefined) return readAnnounced(context, endpoint, announced);
  const path = endpoint.pathname.replace(/\/$/, '');
  const places = [...(path === '' ? [] : [`${WELL_KNOWN}${path}`]), WELL_KNOWN];
  const found: ResourceMetadata[] = [];
  for (const place of places) {
    const metadata = await read(context, new URL(place, endpoint), place === WELL_KNOWN);
    if (metadata.document !== undefined) return metadata;
    found.push(metadata);
  }
  const exchanges = found.flatMap((each) => each.exchanges);
  const problem = found.find((each) => each.problem !== 'NotFound')?.problem ?? 'NotFound';
  return { exchanges, atRoot: false, problem };
}

async function readAnnounced(
  context: CheckContext,
  endpoint: URL,
  announced: string,
): Promise<ResourceMetadata> {
  const url = URL.canParse(announced) ? new URL(announced) : undefined;
  if (url === undefined || !['https:', 'http:'].includes(url.protocol)) {
    return { exchanges: [], atRoot: false, problem: 'NoURL' };
  }
  const here = new URL(`${endpoint.origin}${url.pathname}${url.search}`);
  const metadata = await read(context, here, url.pathname === WELL_KNOWN);
  if (metadata.document !== undefined || url.origin === endpoint.origin) return metadata;
  return { ...metadata, problem: 'Elsewhere' };
}

async function read(context: CheckContext, url: URL, atRoot: boolean): Promise<ResourceMetadata> {
  const exchange = await context.ask.once(`security/resource-metadata ${url.href}`, (ask) =>
    ask.send({
      method: 'GET',
      url,
      credentials: false,
      headers: { accept: 'application/json', 'content-type': undefined },
    }),
  );
  return { exchanges: [exchange], atRoot, ...documentOf(exchange) };
}

function documentOf(exchange: Exchange): Pick<ResourceMetadata, 'document' | 'problem'> {
  if (!isAnswered(exchange) || exchange.response.status >= 500) return { problem: 'Unanswered' };
  const { status, truncated, body } = exchange.response;
  if (status !== 200) return { problem: 'NotFound' };
  if (truncated) return { problem: 'TooLarge' };
  const document = jsonObject(body);
  return document === undefined ? { problem: 'NotJSON' } : { document };
}
