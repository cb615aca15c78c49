/**
 * Servers that mean harm, or behave as if. Each goes wrong at the first request that it gets, whatever that asks, and
 * generates what it sends on the fly: a gigabyte costs the sender nothing either.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';

const GIGABYTE = 1024 ** 3;
const CHUNK = Buffer.alloc(64 * 1024, ' ');

type Listener = RequestListener;

/** HTTP servers by what they do. */
export const hostileHttp = {
  endlessStream: stream((response) => pump(response, ': keep waiting\n\n')),
  endlessEvents: stream((response) =>
    pump(response, 'data: {"jsonrpc":"2.0","method":"notifications/message","params":{}}\n\n'),
  ),
  oneEventWithoutEnd: stream((response) => pump(response, `data: ${'x'.repeat(60_000)}`)),
  silentStream: stream((response) => void response.write(': nothing\n\n')),
  streamThatEnds: stream((response) => void response.end(': bye\n\n')),
  streamThatBreaksOffForEver: stream((response) => void response.end('retry: 0\nid: 1\ndata:\n\n')),
  streamOfGarbage: stream((response) => void response.end('data: {"jsonrpc\n\n')),
  streamOfInvalidText: stream((response) => void response.end(Buffer.from([0x64, 0x3a, 0xff, 0xfe, 0x0a]))),
  gigabyteBody: json((response) => void gigabyte().pipe(response)),
  gigabyteAnnounced: (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': String(GIGABYTE) });
    gigabyte().pipe(response);
  },
  gigabyteError: (_request, response) => {
    response.writeHead(400, { 'content-type': 'application/json' });
    gigabyte().pipe(response);
  },
  gzipBomb: (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
    gigabyte().pipe(createGzip()).pipe(response);
  },
  invalidJson: json((response) => void response.end('{"jsonrpc":"2.0",')),
  invalidText: json((response) => void response.end(Buffer.from([0x22, 0xff, 0xfe, 0x22]))),
  truncatedText: json((response) => void response.end(Buffer.from([0x22, 0x61, 0x22, 0xe2, 0x82]))),
  notJsonRpc: json((response) => void response.end('{"hello":"world"}')),
  deeplyNested: json((response) => void response.end(`${'['.repeat(200_000)}${']'.repeat(200_000)}`)),
  wrongContentType: (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<html>hello</html>');
  },
  noContentType: (_request, response) => void response.writeHead(200).end('{}'),
  acceptedWithoutAnswer: (_request, response) => void response.writeHead(202).end(),
  serverError: (_request, response) => void response.writeHead(500).end('stack trace of somebody else'),
  redirectLoop: (request, response) => {
    response.writeHead(307, { location: `${request.url ?? ''}x` }).end();
  },
  offHostRedirect: (_request, response) => {
    response.writeHead(307, { location: 'http://169.254.169.254/latest/meta-data/' }).end();
  },
  otherPortRedirect: (_request, response) => {
    response.writeHead(307, { location: 'http://127.0.0.1:1/mcp' }).end();
  },
  redirectThatDropsTheRequest: (_request, response) => {
    response.writeHead(302, { location: '/elsewhere' }).end();
  },
  redirectToNowhere: (_request, response) => void response.writeHead(307).end(),
  hugeHeaders: (_request, response) => {
    for (let index = 0; index < 40; index++) response.setHeader(`x-${index}`, 'y'.repeat(1_000));
    response.end('{}');
  },
} satisfies Record<string, Listener>;

/** Servers that go wrong below HTTP. */
export const hostileTcp = {
  closesAtOnce: (socket) => void socket.destroy(),
  neverAnswers: (socket) => void socket.resume(),
  slowHeaders: (socket) => drip(socket, 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n'),
  slowBody: (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n');
    drip(socket, ' '.repeat(100_000));
  },
  notHttp: (socket) => void socket.end('SSH-2.0-OpenSSH_9.6\r\n'),
  lessThanAnnounced: (socket) => {
    socket.end('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{}');
  },
} satisfies Record<string, (socket: Socket) => void>;

function stream(send: (response: ServerResponse) => void): Listener {
  return answering('text/event-stream', send);
}

function json(send: (response: ServerResponse) => void): Listener {
  return answering('application/json', send);
}

function answering(type: string, send: (response: ServerResponse) => void): Listener {
  return (_request: IncomingMessage, response) => {
    response.writeHead(200, { 'content-type': type });
    send(response);
  };
}

/** Writes `text` as fast as the peer reads, for as long as it does. */
function pump(response: ServerResponse, text: string): void {
  const piece = text.length > 1_000 ? text : text.repeat(500);
  Readable.from(endless(piece))
    .on('error', () => undefined)
    .pipe(response);
}

function* endless(piece: string): Generator<string> {
  for (;;) yield piece;
}

function gigabyte(): Readable {
  return Readable.from(chunks()).on('error', () => undefined);
}

function* chunks(): Generator<Buffer> {
  yield Buffer.from('"');
  for (let sent = 0; sent < GIGABYTE; sent += CHUNK.length) yield CHUNK;
  yield Buffer.from('"');
}

/** One byte a second, the first at once. */
function drip(socket: Socket, text: string): void {
  let index = 0;
  const send = (): void => void socket.write(text[index++] ?? '');
  send();
  const timer = setInterval(send, 1_000);
  socket.on('close', () => clearInterval(timer));
}
