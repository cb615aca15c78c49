/**
 * A process that answers admission requests: `admission-server.ts PORT KUBECONFIG` by the policies of the cluster, `admission-server.ts PORT`
 * with yes. Its parent sends the serving certificate, also a new one at any time, and is told when it is served. Ends with its parent.
 */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { json } from 'node:stream/consumers';
import { Registry } from 'prom-client';
import type { CertificateSource, ServingCertificate } from '../../../webhooks/index.ts';
import { serveWebhooks } from '../../harness/serve-webhooks.ts';

const HOST = '127.0.0.1';
/** As long as that of the webhooks: the API server must find the connections of both open. */
const KEEP_ALIVE_TIMEOUT_MS = 120_000;

async function main([port = '', kubeconfigPath]: readonly string[]): Promise<void> {
  process.once('disconnect', () => process.exit(0));
  const certificates = await certificatesOfParent();
  if (kubeconfigPath === undefined) await allowAll(Number(port), certificates);
  else
    await serveWebhooks(kubeconfigPath, {
      bindAddress: `${HOST}:${port}`,
      certificates,
      metrics: new Registry(),
    });
  process.send?.('serving');
}

/** Waits for the first one. */
async function certificatesOfParent(): Promise<CertificateSource> {
  const listeners: (() => void)[] = [];
  let [current] = (await once(process, 'message')) as [ServingCertificate];
  process.on('message', (next: ServingCertificate) => {
    current = next;
    for (const listener of listeners) listener();
    process.send?.('serving');
  });
  return { current: () => current, onChange: (listener) => void listeners.push(listener) };
}

async function allowAll(port: number, certificates: CertificateSource): Promise<void> {
  const options = {
    ...certificates.current(),
    minVersion: 'TLSv1.2',
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
  } as const;
  const server = createServer(options, (request, response) => void allow(request, response));
  server.listen(port, HOST);
  await once(server, 'listening');
}

/** Says no only to a server with the name of the path that is asked, without its slash: so it can be seen that somebody asks. */
async function allow(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = request.url?.split('?', 1)[0];
  // Only the API server knows of us.
  const review = (await json(request)) as {
    readonly request: { readonly uid: string; readonly name: string };
  };
  const { uid, name } = review.request;
  response.writeHead(200, { 'content-type': 'application/json' }).end(
    JSON.stringify({
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      response: { uid, allowed: path !== `/${name}` },
    }),
  );
}

await main(process.argv.slice(2));
