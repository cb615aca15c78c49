/**
 * A Deployment and a Service for tests of the cluster itself, in the shape that the restricted Pod Security level asks for.
 */

/** The image of `fixtures/web`. */
export const WEB_IMAGE = 'localhost/kilo-mcp/test-web:1';

const LABELS = { app: 'web' };

/** Both objects, named `web`, as one list for `kubectl apply`. */
export function webObjects(): object {
  return { apiVersion: 'v1', kind: 'List', items: [deployment(), service()] };
}

function deployment(): object {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: {
      replicas: 2,
      selector: { matchLabels: LABELS },
      template: {
        metadata: { labels: LABELS },
        spec: {
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 65532,
            seccompProfile: { type: 'RuntimeDefault' },
          },
          containers: [
            {
              name: 'web',
              image: WEB_IMAGE,
              imagePullPolicy: 'Never',
              readinessProbe: { httpGet: { path: '/ready', port: 8080 }, periodSeconds: 1 },
              resources: { requests: { cpu: '10m', memory: '32Mi' }, limits: { memory: '128Mi' } },
              securityContext: {
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ['ALL'] },
              },
            },
          ],
        },
      },
    },
  };
}

function service(): object {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web' },
    spec: { selector: LABELS, ports: [{ port: 80, targetPort: 8080 }] },
  };
}
