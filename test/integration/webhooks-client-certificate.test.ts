/**
 * Webhooks that ask for a client certificate, and an API server that has one, as its AdmissionConfiguration says: it is answered as before, and
 * whoever else reaches the port is not. What approval.md asks of them: no tenant can try reviews of its own.
 */
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { beforeAll, expect, it } from 'vitest';
import { startControlPlane, type ControlPlane } from '../../hack/cluster/index.ts';
import { createAuthority, issue, type KeyPair } from '../../hack/cluster/pki.ts';
import { applyResourceDefinitions } from '../harness/resource-definitions.ts';
import { createTestWebhooks, type TestWebhooks } from '../harness/webhooks.ts';

let directory: string;
let authority: KeyPair;
let controlPlane: ControlPlane;
let webhooks: TestWebhooks;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'webhooks-client-certificate-'));
  authority = await createAuthority('who asks webhooks', new Date());
  controlPlane = await startControlPlane({
    directory: join(directory, 'cluster'),
    admissionConfiguration: await admissionConfiguration(),
  });
  await applyResourceDefinitions(controlPlane.kubeconfigPath);
  webhooks = await createTestWebhooks(controlPlane.kubeconfigPath, { clientCA: authority.certificate });
  await webhooks.start();
  return async () => {
    await webhooks.close();
    await controlPlane.stop();
    await rm(directory, { recursive: true, force: true });
  };
});

/** As docs/install.md has it. @see https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#authenticate-apiservers */
async function admissionConfiguration(): Promise<string> {
  const client = await issue(authority, { commonName: 'kube-apiserver' }, new Date());
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const user = {
    'client-certificate-data': base64(client.certificate),
    'client-key-data': base64(client.key),
  };
  const kubeConfigFile = join(directory, 'webhooks.kubeconfig');
  const kubeconfig = { apiVersion: 'v1', kind: 'Config', users: [{ name: '*', user }] };
  await writeFile(kubeConfigFile, JSON.stringify(kubeconfig));
  const configuration = {
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'WebhookAdmissionConfiguration',
    kubeConfigFile,
  };
  const path = join(directory, 'admission.json');
  const plugins = ['ValidatingAdmissionWebhook', 'MutatingAdmissionWebhook'].map((name) => ({
    name,
    configuration,
  }));
  await writeFile(
    path,
    JSON.stringify({
      apiVersion: 'apiserver.config.k8s.io/v1',
      kind: 'AdmissionConfiguration',
      plugins,
    }),
  );
  return path;
}

it('answer the API server', async () => {
  await webhooks.configure();
});

it('answer nobody who has no certificate', async () => {
  const socket = connect({ host: '127.0.0.1', port: webhooks.port, rejectUnauthorized: false });
  // TLS 1.3 tells the client after its own handshake is done.
  socket.resume();
  const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
  expect(error.code).toBe('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED');
});
