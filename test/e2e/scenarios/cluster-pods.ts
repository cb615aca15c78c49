/**
 * What pods may expect from a node: to run, to find each other by name, to reach the API server.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { kubectl } from '../../harness/kubectl.ts';
import { createNamespace, type TestNamespace } from '../../harness/namespace.ts';
import { waitFor } from '../../harness/wait.ts';
import { webObjects } from '../web.ts';

/** Runs on the cluster of `kubeconfig()`, whose node has the image of `fixtures/web`. */
export function clusterPodsScenario(kubeconfig: () => string): void {
  let namespace: TestNamespace;
  const inNamespace = (args: readonly string[], input?: string): Promise<string> =>
    kubectl(kubeconfig(), ['--namespace', namespace.name, ...args], input);
  /** Runs a script in one of the pods and returns what it prints. */
  const inPod = (script: string): Promise<string> =>
    inNamespace(['exec', 'deployment/web', '--', '/nodejs/bin/node', '--input-type=module', '-e', script]);

  beforeAll(async () => {
    namespace = await createNamespace(kubeconfig(), 'cluster', {
      'pod-security.kubernetes.io/enforce': 'restricted',
    });
    await inNamespace(['apply', '-f', '-'], JSON.stringify(webObjects()));
    await inNamespace(['rollout', 'status', 'deployment/web', '--timeout=90s']);
  });

  afterAll(() => namespace.remove());

  it('has a node that is Ready', async () => {
    const path = '{.items[*].status.conditions[?(@.type=="Ready")].status}';
    expect(await kubectl(kubeconfig(), ['get', 'nodes', '-o', `jsonpath=${path}`])).toBe('True');
  });

  it.each(['web', `web.NAMESPACE.svc`, 'web.NAMESPACE.svc.cluster.local'])(
    'lets a pod reach the pods behind a Service as %s',
    async (host) => {
      const url = `http://${host.replace('NAMESPACE', namespace.name)}/`;
      // kube-proxy follows the endpoints with a delay, so the first attempts may be refused.
      const answer = await waitFor(() => inPod(`console.log(await (await fetch('${url}')).text())`));
      expect(answer).toBe('hello from a pod\n');
    },
  );

  it('lets a pod reach the API server, with a certificate for its name', async () => {
    const answer = await inPod(`
      import { readFileSync } from 'node:fs';
      import { get } from 'node:https';
      const ca = readFileSync('/var/run/secrets/kubernetes.io/serviceaccount/ca.crt');
      get('https://kubernetes.default.svc/readyz', { ca, agent: false }, (response) => {
        console.log(response.statusCode);
        response.resume();
      });`);
    expect(answer).toBe('200\n');
  });

  it('shows what a pod said', async () => {
    expect(await inNamespace(['logs', 'deployment/web'])).toContain('asked for /ready');
  });
}
