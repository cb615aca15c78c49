/**
 * `spec.transport`: how MCP is spoken to the server.
 */
import { Type } from 'typebox';
import { oneOf, validations } from '../schema/build.ts';
import { CaBundle } from './references.ts';

const Tls = Type.Object(
  { caBundle: Type.Optional(CaBundle) },
  {
    description:
      'Set it when the server itself speaks TLS on its port: status.address then begins with https://, and the certificate is verified.',
  },
);

export const Transport = Type.Object(
  {
    type: oneOf(['StreamableHTTP', 'SSE'], {
      description:
        'StreamableHTTP, or SSE for servers that only know the HTTP+SSE transport, which MCP deprecated in 2025-03-26.',
      default: 'StreamableHTTP',
    }),
    port: Type.Integer({
      description:
        'Port that the server listens on, in its pod and on its Service. Ignored with source.remote.',
      format: 'int32',
      minimum: 1,
      maximum: 65535,
      default: 8080,
    }),
    path: Type.String({
      description: 'HTTP path of the MCP endpoint. SSE servers mostly use /sse. Ignored with source.remote.',
      maxLength: 1024,
      default: '/mcp',
      ...validations({
        rule: String.raw`self.matches(r'^/[^?#\s]*$')`,
        message: 'path must begin with / and hold no space, ? or #, e.g. /mcp',
      }),
    }),
    tls: Type.Optional(Tls),
  },
  { description: 'How MCP is spoken to the server.', default: {} },
);
