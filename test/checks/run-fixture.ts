/** Runs one check on the server that a fixture describes, as the engine runs it. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import type { Check } from '../../checks/engine/check.ts';
import type { Declared, Replica } from '../../checks/engine/context.ts';
import { Conversation } from '../../checks/engine/conversation.ts';
import { gather } from '../../checks/engine/gather.ts';
import type { MergedVerdict } from '../../checks/engine/merge-verdicts.ts';
import { runCheck } from '../../checks/engine/run-check.ts';
import type { Era, Exchange } from '../../mcp/index.ts';
import {
  startFixtureAuthorizationServer,
  startFixtureServer,
  type FixtureServerOptions,
  type RecordedRequest,
} from '../fixtures/mcp-server/index.ts';
import { listenHttps, type Listening } from '../harness/mcp/listening.ts';
import { serverOptions, trustedCertificate } from './certificates.ts';
import type { CheckFixture } from './check-fixture.ts';

/** Long enough on a busy machine, short enough for a server that never answers. */
const CALL_TIMEOUT_MS = 3_000;

/** What came of it. */
export interface FixtureRun {
  readonly verdict: MergedVerdict;
  /** How many requests gathering sent, and the check after it. */
  readonly sent: { readonly gathering: number; readonly check: number };
  /** What the server saw, replicas not included. */
  readonly requests: readonly RecordedRequest[];
  readonly exchanges: readonly Exchange[];
}

/** @param era undefined for a check without eras. */
export async function runFixture(
  check: Check,
  fixture: CheckFixture,
  era: Era | undefined,
): Promise<FixtureRun> {
  await using servers = new AsyncDisposableStack();
  const { server, url, replicas } = await startServers(fixture, era, servers);
  const issuer = await startIssuer(fixture, servers);
  const declared = declaredOf(fixture, url, issuer, server.options);
  const { credential } = fixture;
  const conversation = new Conversation({
    target: {
      url,
      transport: declared.transport,
      ca: await trustedCertificate(),
      ...(credential !== undefined && { headers: { authorization: `Bearer ${credential}` } }),
    },
    declared,
    replicas,
    clientInfo: { name: 'kilo-mcp', version: 'test' },
    options: { callTimeoutMs: CALL_TIMEOUT_MS },
  });
  const { signal } = new AbortController();
  const openings = await gather(conversation, signal);
  const gathering = conversation.budget.spent;
  const reference = { namespace: '', name: 'fixture', uid: 'fixture' };
  const { parameters = {}, subject, live } = fixture;
  const known = { ...(subject !== undefined && { subject }), ...(live !== undefined && { live }) };
  const facts = { server: reference, declared, openings, conversation, replicas, ...known };
  const verdict = await runCheck(check, facts, { parameters }, signal);
  const sent = { gathering, check: conversation.budget.spent - gathering };
  await conversation.close(Object.values(openings));
  return { verdict, sent, requests: server.requests, exchanges: [...conversation.exchanges.values()] };
}

interface Servers {
  readonly server: { readonly options: FixtureServerOptions; readonly requests: readonly RecordedRequest[] };
  readonly url: string;
  readonly replicas: readonly Replica[];
}

async function startServers(
  fixture: CheckFixture,
  era: Era | undefined,
  stack: AsyncDisposableStack,
): Promise<Servers> {
  const { certificate, replicas = [] } = fixture;
  const given = typeof fixture.server === 'function' ? fixture.server() : fixture.server;
  const options = {
    ...given,
    ...(era !== undefined && { era }),
    ...(certificate !== undefined && { tls: await serverOptions(certificate) }),
  };
  const server = stack.use(await startFixtureServer(options));
  const others = replicas.map((replica, index) =>
    startReplica({ ...options, ...replica }, index, server.port, stack),
  );
  const addresses = await Promise.all(others);
  return {
    server: { options, requests: server.requests },
    url: server.url,
    replicas:
      addresses.length === 0
        ? []
        : ['127.0.0.1', ...addresses].map((address) => ({ name: address, address })),
  };
}

/** A server of its own, relayed to at the same port of another address: replicas differ in nothing else. */
async function startReplica(
  options: FixtureServerOptions,
  index: number,
  port: number,
  stack: AsyncDisposableStack,
): Promise<string> {
  const address = `127.0.0.${index + 2}`;
  const replica = stack.use(await startFixtureServer(options));
  const sockets = new Set<Socket>();
  const relay = createServer((incoming) => {
    const outgoing = connect(replica.port, '127.0.0.1');
    for (const socket of [incoming, outgoing]) {
      sockets.add(socket);
      // Either side may go away: that is all that a relay has to say about it.
      socket
        .on('error', () => undefined)
        .on('close', () => [incoming, outgoing].map((each) => each.destroy()));
    }
    incoming.pipe(outgoing).pipe(incoming);
  });
  relay.listen(port, address);
  await once(relay, 'listening');
  stack.defer(async () => {
    for (const socket of sockets) socket.destroy();
    relay.close();
    await once(relay, 'close');
  });
  return address;
}

async function startIssuer(
  { authorizationServer, authorizationServerCertificate = {} }: CheckFixture,
  stack: AsyncDisposableStack,
): Promise<string> {
  if (authorizationServer === undefined) return '';
  const tls = await serverOptions(authorizationServerCertificate);
  const server: Listening =
    typeof authorizationServer === 'function'
      ? await listenHttps(tls, authorizationServer)
      : await startFixtureAuthorizationServer({ ...authorizationServer, tls });
  return stack.use(server).origin;
}

function declaredOf(
  { declared = {}, credential }: CheckFixture,
  url: string,
  issuer: string,
  { authorization }: FixtureServerOptions,
): Declared {
  return {
    source: 'url',
    transport: 'StreamableHTTP',
    url,
    authRequired: authorization !== undefined,
    exposed: false,
    issuers: issuer === '' ? [] : [issuer],
    hasCredential: credential !== undefined,
    ...(typeof declared === 'function' ? declared({ url, issuer }) : declared),
  };
}
