/**
 * MCPServers that keep a strict MCPSecurityPolicy, and such that break one of its rules in a way that the second lock can see: for the API
 * server, which evaluates the lock, and for the rule engine, which must say the same.
 */
const DIGEST = `@sha256:${'a'.repeat(64)}`;
/** An image that they allow. */
export const REF = `registry.example.com/team/server${DIGEST}`;

/** Every rule that the lock knows. */
export const STRICT = {
  images: {
    allowed: ['registry.example.com/team/*', 'ghcr.io/**/mcp', 'redis', '*.corp.example:5000/**'],
    requireDigest: true,
  },
  remotes: {
    hosts: ['mcp.example.com', '*.partner.example', '10.0.0.1', 'partner.svc'],
    requireTLS: true,
    allowPrivateAddresses: false,
  },
  transports: ['StreamableHTTP'],
  podSecurity: 'restricted',
  runtimeClasses: ['gvisor'],
  serviceAccounts: ['builder'],
  volumes: ['configMap', 'emptyDir'],
  maxReplicas: 3,
  network: {
    denyEgressToAnywhere: true,
    denyCIDRs: ['169.254.169.254/32', '10.0.0.0/8', 'fd00:ec2::254/128'],
  },
  secrets: { denyLiterals: true },
  labels: { required: ['owner'] },
};

/** A part of a manifest. */
export type Fields = Readonly<Record<string, unknown>>;

/** A server that breaks none of them, with fields over it. */
export const podSpec = (fields: Fields): Fields => ({
  podTemplate: { spec: { runtimeClassName: 'gvisor', ...fields } },
});
export const pods = (fields: Fields = {}): Fields => ({
  source: { image: { ref: REF } },
  ...podSpec({}),
  ...fields,
});
const image = (ref: string): Fields => pods({ source: { image: { ref } } });
export const remote = (url: string): Fields => ({ source: { remote: { url } } });
const beside = (fields: Fields): Fields =>
  pods(podSpec({ containers: [{ name: 'beside', image: REF, ...fields }] }));
const before = (fields: Fields): Fields =>
  pods(podSpec({ initContainers: [{ name: 'before', image: REF, ...fields }] }));
const own = (securityContext: Fields): Fields =>
  pods(podSpec({ containers: [{ name: 'server', securityContext }] }));
export const egress = (...to: Fields[]): Fields => pods({ network: { egress: [{ to }] } });
export const range = (cidr: string, ...except: string[]): Fields => ({
  ipBlock: { cidr, ...(except.length > 0 && { except }) },
});
export const env = (name: string, more: Fields = { value: 'v4lue' }): Fields => ({
  env: [{ name, ...more }],
});

export const ACCEPTED: readonly [string, Fields][] = [
  ['the least', pods()],
  ['an image by a pattern with any number of segments', image(`ghcr.io/a/b/mcp${DIGEST}`)],
  ['the same with none', image(`ghcr.io/mcp${DIGEST}`)],
  ['an official image of Docker Hub in full', image(`docker.io/library/redis:7${DIGEST}`)],
  ['the same in short', image(`redis${DIGEST}`)],
  ['the same under the old name', image(`index.docker.io/library/redis${DIGEST}`)],
  ['a registry by a pattern, with a port', image(`eu.corp.example:5000/a/b:1${DIGEST}`)],
  ['a tag besides the digest', image(`registry.example.com/team/server:1.2${DIGEST}`)],
  ['a host that is named', remote('https://MCP.example.com/mcp')],
  ['a host below one that is named', remote('https://a.b.partner.example:8443/x?y=z')],
  ['the account that is named', pods(podSpec({ serviceAccountName: 'builder' }))],
  ['a volume of a kind that is allowed', pods({ volumes: [{ name: 'v', emptyDir: {} }] })],
  ['as many replicas as allowed', pods({ replicas: 3 })],
  ['no replicas', pods({ replicas: 0 })],
  ['a range without denied addresses', egress(range('192.0.2.0/24'))],
  ['a range without them by exception', egress(range('169.0.0.0/8', '169.254.0.0/16'))],
  ['a range whose exceptions cover them together', egress(range('8.0.0.0/6', '10.0.0.0/9', '10.128.0.0/9'))],
  ['pods by label', egress({ podSelector: {} }, { namespaceSelector: {} })],
  ['a secret from a Secret', pods(env('API_KEY', { valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }))],
  ['an empty variable', pods(env('API_KEY', { value: '' }))],
  ['a variable that only sounds like a secret', pods(env('MONKEY'))],
  ['a variable about tokens', pods(env('TOKENIZER_PATH'))],
  ['a reference under the name of a secret', pods(env('AUTH_TOKEN', { value: 'Bearer $(API_KEY)' }))],
  ['a path', pods(env('DB_PASSWORD', { value: '/run/secrets/password' }))],
  ['a number', pods(env('API_TOKEN', { value: '1' }))],
  ['a mode', pods(env('AUTH_TOKEN', { value: ' Required ' }))],
  ['a placeholder', pods(env('API_TOKEN', { value: 'your-token-here' }))],
  ['a blank', pods(env('API_TOKEN', { value: '<token>' }))],
  ['a row of one character', pods(env('API_TOKEN', { value: 'ghp_xxxxxxxxxxxxxxxx' }))],
  ['a URL', pods(env('VAULT_TOKEN', { value: 'https://vault.example.com' }))],
  ['the place of a secret', pods(env('API_SECRET', { value: 'vault:kv/data/x#token' }))],
  ['a switch', pods(env('USE_TOKEN'))],
  ['what everybody may know', pods(env('PUBLIC_API_KEY'))],
  ['the key of a map', pods(env('SORT_KEY'))],
  ['a token of a list', pods(env('NEXT_PAGE_TOKEN'))],
  ['a sidecar that keeps to it all', beside({ ...env('LEVEL'), securityContext: { runAsUser: 1000 } })],
  ['the one capability that "restricted" has', own({ capabilities: { add: ['NET_BIND_SERVICE'] } })],
];

const container = 'spec.podTemplate.spec.containers[name=beside]';
const initContainer = 'spec.podTemplate.spec.initContainers[name=before]';
const server = 'spec.podTemplate.spec.containers[name=server]';

/** Reason, spec, the field that the message begins with, the rule that it names. */
export const REFUSED: readonly [string, Fields, string, string][] = [
  [
    'a tag',
    image('registry.example.com/team/server:1'),
    'spec.source.image.ref: reg',
    'images.requireDigest',
  ],
  ['a tag beside it', beside({ image: 'redis:7' }), `${container}.image: redis:7`, 'images.requireDigest'],
  ['a tag before it', before({ image: 'redis' }), `${initContainer}.image: redis`, 'images.requireDigest'],
  [
    'an image of elsewhere',
    image(`evil.example/x${DIGEST}`),
    'spec.source.image.ref: evil',
    'images.allowed',
  ],
  [
    'one segment too many',
    image(`registry.example.com/team/a/b${DIGEST}`),
    'spec.source.image.ref: ',
    'images.allowed',
  ],
  [
    'a lookalike of a registry',
    image(`registryXexample.com/team/a${DIGEST}`),
    'spec.source.image.ref: ',
    'images.allowed',
  ],
  ['a user of Docker Hub', image(`someone/redis${DIGEST}`), 'spec.source.image.ref: some', 'images.allowed'],
  ['an image beside it', beside({ image: `evil/x${DIGEST}` }), `${container}.image: evil`, 'images.allowed'],
  [
    'plain text',
    remote('http://mcp.example.com/?key=v4lue'),
    'spec.source.remote.url: http ',
    'remotes.requireTLS',
  ],
  [
    'another host',
    remote('https://evil.example/?k=v4lue'),
    'spec.source.remote.url: evil.ex',
    'remotes.hosts',
  ],
  [
    'the parent of a pattern',
    remote('https://partner.example/'),
    'spec.source.remote.url: p',
    'remotes.hosts',
  ],
  ['a transport', pods({ transport: { type: 'SSE' } }), 'spec.transport.type: SSE', 'transports'],
  [
    'a user id of root',
    pods(podSpec({ securityContext: { runAsUser: 0 } })),
    'spec.podTemplate.spec.securityContext.runAsUser',
    'podSecurity',
  ],
  [
    'a pod that may be root',
    pods(podSpec({ securityContext: { runAsNonRoot: false } })),
    'spec.podTemplate.spec.securityContext.runAsNonRoot',
    'podSecurity',
  ],
  [
    'escalation',
    own({ allowPrivilegeEscalation: true }),
    `${server}.securityContext.allowPrivilegeEscalation`,
    'podSecurity',
  ],
  [
    'root beside it',
    beside({ securityContext: { runAsUser: 0 } }),
    `${container}.securityContext.runAsUser`,
    'podSecurity',
  ],
  [
    'root before it',
    before({ securityContext: { runAsNonRoot: false } }),
    `${initContainer}.securityContext.runAsNonRoot`,
    'podSecurity',
  ],
  [
    'a capability',
    own({ capabilities: { add: ['CHOWN'] } }),
    `${server}.securityContext.capabilities.add`,
    'podSecurity',
  ],
  [
    'capabilities kept',
    own({ capabilities: { drop: ['KILL'] } }),
    `${server}.securityContext.capabilities.drop`,
    'podSecurity',
  ],
  [
    'no RuntimeClass',
    { source: { image: { ref: REF } } },
    'spec.podTemplate.spec.runtimeClassName: unset is',
    'runtimeClasses',
  ],
  [
    'another RuntimeClass',
    pods(podSpec({ runtimeClassName: 'runc' })),
    'spec.podTemplate.spec.runtimeClassName: runc',
    'runtimeClasses',
  ],
  [
    'another account',
    pods(podSpec({ serviceAccountName: 'default' })),
    'spec.podTemplate.spec.serviceAccountName: default',
    'serviceAccounts',
  ],
  [
    'a volume',
    pods({ volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }] }),
    'spec.volumes[name=v]: persistentVolumeClaim',
    'volumes',
  ],
  ['replicas', pods({ replicas: 4 }), 'spec.replicas: 4', 'maxReplicas'],
  [
    'every address',
    egress(range('0.0.0.0/0', '10.0.0.0/8', '169.254.169.254/32')),
    'spec.network.egress[0].to[0].ipBlock.cidr: 0.0.0.0/0',
    'network.denyEgressToAnywhere',
  ],
  [
    'a rule without addresses',
    pods({ network: { egress: [{ to: [{ podSelector: {} }] }, {}] } }),
    'spec.network.egress[1] opens',
    'network.denyCIDRs',
  ],
  [
    'the metadata service',
    egress({ podSelector: {} }, range('169.254.169.254/32')),
    'spec.network.egress[0].to[1].ipBlock.cidr: 169',
    'network.denyCIDRs',
  ],
  [
    'the metadata service in a range',
    egress(range('169.254.0.0/16', '169.254.1.0/24')),
    'spec.network.egress[0].to[0].ipBlock.cidr: ',
    'network.denyCIDRs',
  ],
  [
    'the metadata service of IPv6',
    egress(range('fd00::/8')),
    'spec.network.egress[0].to[0].ipBlock.cidr: fd00',
    'network.denyCIDRs',
  ],
  [
    'a part of a denied range',
    egress(range('10.1.0.0/16')),
    'spec.network.egress[0].to[0].ipBlock.cidr: 10.1',
    'network.denyCIDRs',
  ],
  [
    'a range that can be read in two ways',
    egress(range('0169.254.169.254/32')),
    'spec.network.egress[0].to[0].ipBlock.cidr: ',
    'network.denyCIDRs',
  ],
  ['a literal', pods(env('GITHUB_TOKEN')), 'spec.env[name=GITHUB_TOKEN].value', 'secrets.denyLiterals'],
  [
    'a literal in lower case',
    pods(env('db-password')),
    'spec.env[name=db-password].value',
    'secrets.denyLiterals',
  ],
  [
    'a literal beside it',
    beside(env('API_KEY')),
    `${container}.env[name=API_KEY].value`,
    'secrets.denyLiterals',
  ],
  [
    'a literal before it',
    before(env('SECRET')),
    `${initContainer}.env[name=SECRET].value`,
    'secrets.denyLiterals',
  ],
  [
    'an address of the network',
    remote('https://10.0.0.1/'),
    'spec.source.remote.url: 10.0.0.1',
    'remotes.allowPrivateAddresses',
  ],
  [
    'an address of metadata',
    remote('https://169.254.169.254/latest/'),
    'spec.source.remote.url: 169.254.169.254',
    'remotes.allowPrivateAddresses',
  ],
  [
    'loopback of IPv6',
    remote('https://[::1]:8443/'),
    'spec.source.remote.url: ::1',
    'remotes.allowPrivateAddresses',
  ],
  [
    'a name of the cluster',
    remote('https://partner.svc/'),
    'spec.source.remote.url: partner.svc',
    'remotes.allowPrivateAddresses',
  ],
  [
    'a name without a dot',
    remote('https://intranet/'),
    'spec.source.remote.url: intranet',
    'remotes.allowPrivateAddresses',
  ],
  [
    'a secret key of a kind',
    pods(env('AWS_SECRET_ACCESS_KEY')),
    'spec.env[name=AWS_SECRET_ACCESS_KEY].value',
    'secrets.denyLiterals',
  ],
  [
    'a numbered secret',
    pods(env('CLIENT_SECRET_2')),
    'spec.env[name=CLIENT_SECRET_2].value',
    'secrets.denyLiterals',
  ],
  [
    'a weak password',
    pods(env('DB_PASSWORD', { value: 'postgres' })),
    'spec.env[name=DB_PASSWORD].value',
    'secrets.denyLiterals',
  ],
];
