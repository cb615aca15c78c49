/**
 * A small honest MCP server: what time it is somewhere, and what an instant is called there. Built on the official server
 * package, it speaks the stateless era (2026-07-28), keeps nothing between requests, and checks `Origin` and `Host` on every
 * one of them, as the specification asks.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import {
  hostHeaderValidation,
  originValidation,
  toNodeHandler,
  type NodeIncomingMessageLike,
} from '@modelcontextprotocol/node';
import { createMcpHandler, fromJsonSchema, McpServer } from '@modelcontextprotocol/server';
import { parseInstant, zonedTime } from './zoned-time.ts';

const PATH = '/mcp';

export interface WorldClockOptions {
  /** Host names, without a port, by which clients may call this server. */
  readonly allowedHosts: readonly string[];
  /** Host names of web pages that may call it from a browser. None by default. */
  readonly allowedOrigins?: readonly string[];
  /** Also answers `initialize`, for clients up to 2025-11-25. */
  readonly legacyClients?: boolean;
  /** The current instant. */
  readonly now?: () => Date;
}

/** @returns an HTTP server that serves MCP at `/mcp`, not yet listening. */
export function createWorldClock(options: WorldClockOptions): Server {
  const now = options.now ?? (() => new Date());
  const legacy = options.legacyClients === true ? 'stateless' : 'reject';
  const handle = toNodeHandler(createMcpHandler(() => worldClock(now), { legacy }));
  const validateHost = hostHeaderValidation([...options.allowedHosts]);
  const validateOrigin = originValidation([...(options.allowedOrigins ?? [])]);
  return createServer((request, response) => {
    if (!validateHost(request, response) || !validateOrigin(request, response)) return;
    if (pathOf(request) !== PATH) return notFound(response);
    // The package's type leaves out that Node's `method` and `url` may be undefined; its code does not.
    void handle(request as NodeIncomingMessageLike, response);
  });
}

function worldClock(now: () => Date): McpServer {
  const server = new McpServer(
    { name: 'world-clock', version: '1.0.0' },
    { instructions: 'Time zones are IANA names, such as Europe/Berlin or America/Sao_Paulo.' },
  );
  const annotations = { readOnlyHint: true, idempotentHint: false, openWorldHint: false };
  server.registerTool(
    'current_time',
    {
      title: 'Current time',
      description: 'The current date and time in a time zone, with its offset from UTC.',
      inputSchema: fromJsonSchema<{ time_zone: string }>(schemaOf({ time_zone: ZONE })),
      annotations,
    },
    ({ time_zone }) => answer(() => zonedTime(now(), time_zone)),
  );
  server.registerTool(
    'convert_time',
    {
      title: 'Convert a time',
      description: 'What the clocks of a time zone show at a given instant.',
      inputSchema: fromJsonSchema<{ instant: string; time_zone: string }>(
        schemaOf({ instant: INSTANT, time_zone: ZONE }),
      ),
      annotations: { ...annotations, idempotentHint: true },
    },
    ({ instant, time_zone }) => answer(() => zonedTime(parseInstant(instant), time_zone)),
  );
  return server;
}

const ZONE = { type: 'string', description: 'IANA name of the time zone.', maxLength: 64 };
const INSTANT = { type: 'string', description: 'RFC 3339 with an offset.', maxLength: 40 };

function schemaOf(properties: Record<string, Record<string, unknown>>): Record<string, unknown> {
  return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false };
}

interface ToolAnswer {
  readonly [key: string]: unknown;
  readonly content: { readonly type: 'text'; readonly text: string }[];
  readonly isError?: boolean;
}

/** An input that cannot be served is the model's to correct, so it is a result and not a protocol error. */
function answer(compute: () => string): ToolAnswer {
  try {
    return { content: [{ type: 'text', text: compute() }] };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { content: [{ type: 'text', text: error.message }], isError: true };
  }
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '').split('?', 1)[0] ?? '';
}

function notFound(response: ServerResponse): void {
  response.writeHead(404, { 'content-type': 'text/plain' }).end(`MCP is served at ${PATH}\n`);
}
