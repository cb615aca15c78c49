/**
 * Manifests of MCPServers for tests.
 */
import { GROUP, VERSION, mcpServerResource } from '../../api/index.ts';

/** Where MCPServers of a namespace are created. */
export function mcpServersPath(namespace: string): string {
  return `/apis/${GROUP}/${VERSION}/namespaces/${namespace}/${mcpServerResource.plural}`;
}

/** An MCPServer as a file would have it; `spec` is not judged here, so that a test can get it wrong. */
export function mcpServerManifest(spec: object, metadata: object = { name: 'sample' }): object {
  return { apiVersion: `${GROUP}/${VERSION}`, kind: mcpServerResource.kind, metadata, spec };
}

const PROBE = {
  httpGet: { path: '/healthz', port: 8080, scheme: 'HTTP', httpHeaders: [{ name: 'X-Probe', value: 'yes' }] },
  initialDelaySeconds: 1,
  periodSeconds: 5,
  timeoutSeconds: 2,
  failureThreshold: 3,
  successThreshold: 1,
};

const SELECTOR = {
  matchLabels: { app: 'web' },
  matchExpressions: [{ key: 'tier', operator: 'In', values: ['front'] }],
};

const POD_AFFINITY = {
  requiredDuringSchedulingIgnoredDuringExecution: [
    { topologyKey: 'kubernetes.io/hostname', labelSelector: SELECTOR, namespaces: ['other'] },
  ],
  preferredDuringSchedulingIgnoredDuringExecution: [
    { weight: 5, podAffinityTerm: { topologyKey: 'topology.kubernetes.io/zone', labelSelector: SELECTOR } },
  ],
};

const SECURITY_CONTEXT = {
  runAsUser: 1000,
  runAsGroup: 1000,
  runAsNonRoot: true,
  readOnlyRootFilesystem: true,
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] },
  seccompProfile: { type: 'RuntimeDefault' },
};

const HEADERS_FROM = [{ name: 'Authorization', secretKeyRef: { name: 'token', key: 'header' } }];

const KEY = { name: 'settings', key: 'level' };

const PEERS = [
  { podSelector: SELECTOR, namespaceSelector: { matchLabels: { team: 'a' } } },
  { ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } },
];

/** Every field of a spec with an image, with a value that is accepted. */
export const FULL_IMAGE_SPEC = {
  source: {
    image: {
      ref: 'ghcr.io/example/server:1.2.3',
      imagePullPolicy: 'IfNotPresent',
      imagePullSecrets: [{ name: 'registry' }],
    },
  },
  transport: {
    type: 'StreamableHTTP',
    port: 8443,
    path: '/mcp',
    tls: { caBundle: { configMapKeyRef: KEY } },
  },
  command: ['/server'],
  args: ['--verbose'],
  env: [
    { name: 'LEVEL', value: 'debug' },
    { name: 'TOKEN', valueFrom: { secretKeyRef: { ...KEY, optional: true } } },
    { name: 'CONFIG', valueFrom: { configMapKeyRef: KEY } },
    { name: 'POD', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } },
    { name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '1m' } } },
  ],
  envFrom: [
    { prefix: 'A_', configMapRef: { name: 'settings' } },
    { secretRef: { name: 'token', optional: false } },
  ],
  volumes: [
    { name: 'config', configMap: { name: 'settings', items: [{ key: 'level', path: 'level', mode: 292 }] } },
    { name: 'secret', secret: { secretName: 'token', defaultMode: 256 } },
    { name: 'cache', emptyDir: { sizeLimit: '1Gi', medium: 'Memory' } },
    { name: 'data', persistentVolumeClaim: { claimName: 'data', readOnly: false } },
    {
      name: 'all',
      projected: {
        defaultMode: 292,
        sources: [{ secret: { name: 'token' } }, { configMap: { name: 'settings' } }],
      },
    },
    { name: 'driver', csi: { driver: 'csi.example.com', volumeAttributes: { a: 'b' } } },
  ],
  volumeMounts: [{ name: 'data', mountPath: '/data', subPath: 'a', readOnly: true }],
  resources: { requests: { cpu: 1, memory: '64Mi' }, limits: { memory: '256Mi' } },
  replicas: 2,
  strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: '25%' } },
  sessionAffinity: 'ClientIP',
  podTemplate: {
    metadata: {
      labels: { app: 'sample', 'mcp.kilocode.ai/client': 'true' },
      annotations: { 'example.com/note': 'x' },
    },
    spec: {
      serviceAccountName: 'sample',
      securityContext: {
        runAsUser: 1000,
        fsGroup: 2000,
        fsGroupChangePolicy: 'OnRootMismatch',
        supplementalGroups: [3000],
        seccompProfile: { type: 'Localhost', localhostProfile: 'a.json' },
      },
      containers: [
        { name: 'server', securityContext: SECURITY_CONTEXT, startupProbe: PROBE, workingDir: '/app' },
        {
          name: 'proxy',
          image: 'proxy:1',
          imagePullPolicy: 'Always',
          command: ['/proxy'],
          args: ['-x'],
          ports: [{ name: 'http', containerPort: 9000, protocol: 'TCP' }],
          env: [{ name: 'A', value: 'b' }],
          envFrom: [{ secretRef: { name: 'token' } }],
          resources: { limits: { cpu: '1' } },
          volumeMounts: [{ name: 'cache', mountPath: '/cache' }],
          livenessProbe: { tcpSocket: { port: 'http' } },
          readinessProbe: { exec: { command: ['/ready'] } },
          securityContext: SECURITY_CONTEXT,
        },
      ],
      initContainers: [
        {
          name: 'init',
          image: 'init:1',
          restartPolicy: 'Always',
          startupProbe: { grpc: { port: 9001, service: 'a' } },
        },
      ],
      nodeSelector: { 'kubernetes.io/os': 'linux' },
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'Exists' }] }],
          },
        },
        podAffinity: POD_AFFINITY,
        podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [] },
      },
      tolerations: [{ key: 'a', operator: 'Equal', value: 'b', effect: 'NoExecute', tolerationSeconds: 60 }],
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          topologyKey: 'kubernetes.io/hostname',
          whenUnsatisfiable: 'DoNotSchedule',
          labelSelector: SELECTOR,
        },
      ],
      runtimeClassName: 'gvisor',
      priorityClassName: 'high',
      terminationGracePeriodSeconds: 60,
    },
  },
  network: {
    ingress: [{ from: PEERS, ports: [{ port: 8443, endPort: 8444, protocol: 'TCP' }] }],
    egress: [{ to: PEERS.slice(1), ports: [{ port: 'https' }] }],
  },
  auth: {
    required: true,
    audience: 'https://mcp.example.com/mcp',
    issuers: ['https://login.example.com/realms/mcp'],
  },
  probe: { intervalSeconds: 60, timeoutSeconds: 5, failureThreshold: 2, headersFrom: HEADERS_FROM },
  suspend: false,
};

/** Every field that a spec with a remote server may have. */
export const FULL_REMOTE_SPEC = {
  source: { remote: { url: 'https://mcp.example.com:8443/mcp?tenant=a', headersFrom: HEADERS_FROM } },
  transport: { type: 'SSE', tls: { caBundle: { secretKeyRef: KEY } } },
  auth: { required: false },
  probe: { intervalSeconds: 60 },
};
