import type { V1PodSecurityContext, V1PodSpec, V1SecurityContext } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import { evaluatePodSecurity, type PodSecurityLevel } from './index.ts';

/** A pod that `restricted` admits, with `spec` over it. */
const aPod = (spec: Partial<V1PodSpec> = {}, annotations: Record<string, string> = {}) => ({
  metadata: { annotations },
  spec: {
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [aContainer()],
    ...spec,
  },
});
const aContainer = (securityContext: Partial<V1SecurityContext> = {}, name = 'c') => ({
  name,
  securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, ...securityContext },
});

const context = (securityContext: Partial<V1SecurityContext>) => ({
  containers: [aContainer(securityContext)],
});
const inPod = (securityContext: Partial<V1PodSecurityContext>): Partial<V1PodSpec> => ({
  securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' }, ...securityContext },
});

interface Case {
  readonly reason: string;
  readonly level?: PodSecurityLevel;
  readonly spec: Partial<V1PodSpec>;
  readonly annotations?: Record<string, string>;
  /** `control: path = value`. */
  readonly found: readonly string[];
}

const C = 'containers[name=c]';
const CASES: readonly Case[] = [
  { reason: 'what is restricted passes', spec: {}, found: [] },
  {
    reason: 'each host namespace by itself',
    spec: { hostNetwork: true, hostPID: true, hostIPC: true },
    found: [
      'hostNamespaces: hostNetwork = true',
      'hostNamespaces: hostPID = true',
      'hostNamespaces: hostIPC = true',
    ],
  },
  {
    reason: 'all lists of containers are read',
    level: 'baseline',
    spec: {
      initContainers: [aContainer({ privileged: true }, 'i')],
      containers: [aContainer({ privileged: true })],
      ephemeralContainers: [aContainer({ privileged: true }, 'e')],
    },
    found: [
      'privileged: initContainers[name=i].securityContext.privileged = true',
      `privileged: ${C}.securityContext.privileged = true`,
      'privileged: ephemeralContainers[name=e].securityContext.privileged = true',
    ],
  },
  {
    reason: 'capabilities beyond the default, sorted',
    level: 'baseline',
    spec: context({ capabilities: { add: ['SYS_ADMIN', 'CHOWN', 'NET_RAW'] } }),
    found: [`capabilities_baseline: ${C}.securityContext.capabilities.add = NET_RAW, SYS_ADMIN`],
  },
  {
    reason: 'restricted adds NET_BIND_SERVICE alone',
    spec: context({ capabilities: { drop: ['ALL'], add: ['CHOWN', 'NET_BIND_SERVICE'] } }),
    found: [`capabilities_restricted: ${C}.securityContext.capabilities.add = CHOWN`],
  },
  {
    reason: 'ALL is dropped by that name, and not one by one',
    spec: context({ capabilities: { drop: ['NET_RAW', 'CHOWN'] } }),
    found: [`capabilities_restricted: ${C}.securityContext.capabilities.drop = CHOWN, NET_RAW`],
  },
  {
    reason: 'nothing dropped',
    spec: context({ capabilities: {} }),
    found: [`capabilities_restricted: ${C}.securityContext.capabilities.drop = unset`],
  },
  {
    reason: 'a path of the node',
    level: 'baseline',
    spec: { volumes: [{ name: 'v', hostPath: { path: '/' } }] },
    found: ['hostPathVolumes: volumes[name=v] = hostPath'],
  },
  {
    reason: 'a path of the node is refused once by restricted',
    spec: { volumes: [{ name: 'v', hostPath: { path: '/' } }] },
    found: ['restrictedVolumes: volumes[name=v] = hostPath'],
  },
  {
    reason: 'other kinds are refused by restricted alone',
    level: 'baseline',
    spec: { volumes: [{ name: 'v', nfs: { server: 's', path: '/' } }] },
    found: [],
  },
  {
    reason: 'a volume without a source becomes an emptyDir',
    spec: { volumes: [{ name: 'v' }, JSON.parse('{"name": "w", "hostPath": null}')] },
    found: [],
  },
  {
    reason: 'host ports, but not 0',
    spec: {
      containers: [
        {
          ...aContainer(),
          ports: [
            { containerPort: 1, hostPort: 0 },
            { containerPort: 2, hostPort: 80 },
          ],
        },
      ],
    },
    found: [`hostPorts: ${C}.ports[containerPort=2].hostPort = 80`],
  },
  {
    reason: 'AppArmor turned off by field, in the pod and in a container',
    spec: {
      ...inPod({ appArmorProfile: { type: 'Unconfined' } }),
      ...context({ appArmorProfile: { type: 'Unconfined' } }),
    },
    found: [
      'appArmorProfile: securityContext.appArmorProfile.type = Unconfined',
      `appArmorProfile: ${C}.securityContext.appArmorProfile.type = Unconfined`,
    ],
  },
  {
    reason: 'AppArmor turned off by annotation, of whatever container',
    spec: {},
    annotations: {
      'container.apparmor.security.beta.kubernetes.io/gone': 'unconfined',
      'container.apparmor.security.beta.kubernetes.io/c': 'localhost/mine',
      'container.apparmor.security.beta.kubernetes.io/d': 'runtime/default',
      'container.apparmor.security.beta.kubernetes.io/e': '',
      note: 'unconfined',
    },
    found: [
      'appArmorProfile: metadata.annotations[container.apparmor.security.beta.kubernetes.io/gone] = unconfined',
    ],
  },
  {
    reason: 'SELinux: type, user and role each by itself',
    spec: {
      ...inPod({ seLinuxOptions: { type: 'spc_t', user: 'u', role: 'r', level: 's0' } }),
      ...context({ seLinuxOptions: { type: 'container_engine_t' } }),
    },
    found: [
      'seLinuxOptions: securityContext.seLinuxOptions.type = spc_t',
      'seLinuxOptions: securityContext.seLinuxOptions.user = u',
      'seLinuxOptions: securityContext.seLinuxOptions.role = r',
    ],
  },
  {
    reason: 'unmasked /proc',
    level: 'baseline',
    spec: context({ procMount: 'Unmasked' }),
    found: [`procMount: ${C}.securityContext.procMount = Unmasked`],
  },
  {
    reason: 'unmasked /proc in a user namespace, which baseline lets pass',
    level: 'baseline',
    spec: { ...context({ procMount: 'Unmasked' }), hostUsers: false },
    found: [],
  },
  {
    reason: 'unmasked /proc in a user namespace, which restricted refuses',
    spec: { ...context({ procMount: 'Unmasked' }), hostUsers: false },
    found: [`procMount_restricted: ${C}.securityContext.procMount = Unmasked`],
  },
  {
    reason: 'seccomp turned off, as baseline sees it',
    level: 'baseline',
    spec: { ...inPod({ seccompProfile: { type: 'Unconfined' } }), ...context({}) },
    found: ['seccompProfile_baseline: securityContext.seccompProfile.type = Unconfined'],
  },
  {
    reason: 'baseline asks for no seccomp profile',
    level: 'baseline',
    spec: { securityContext: {} },
    found: [],
  },
  {
    reason: 'a pod that turns seccomp off is refused, also where its container turns it on',
    spec: {
      ...inPod({ seccompProfile: { type: 'Unconfined' } }),
      ...context({ seccompProfile: { type: 'Localhost' } }),
    },
    found: ['seccompProfile_restricted: securityContext.seccompProfile.type = Unconfined'],
  },
  {
    reason: 'no seccomp profile from anywhere',
    spec: { securityContext: { runAsNonRoot: true } },
    found: [`seccompProfile_restricted: ${C}.securityContext.seccompProfile.type = unset`],
  },
  {
    reason: 'an unsafe sysctl beside a safe one',
    spec: inPod({
      sysctls: [
        { name: 'kernel.msgmax', value: '1' },
        { name: 'net.ipv4.tcp_rmem', value: '1' },
      ],
    }),
    found: ['sysctls: securityContext.sysctls[name=kernel.msgmax] = kernel.msgmax'],
  },
  {
    reason: 'processes of a Windows node',
    spec: {
      ...inPod({ windowsOptions: { hostProcess: true } }),
      ...context({ windowsOptions: { hostProcess: true } }),
    },
    found: [
      'windowsHostProcess: securityContext.windowsOptions.hostProcess = true',
      `windowsHostProcess: ${C}.securityContext.windowsOptions.hostProcess = true`,
    ],
  },
  {
    reason: 'probes and hooks with a host of their own',
    spec: {
      containers: [
        {
          ...aContainer(),
          livenessProbe: { httpGet: { port: 80, host: '10.0.0.1' } },
          readinessProbe: { tcpSocket: { port: 80, host: '' } },
          startupProbe: { tcpSocket: { port: 80, host: 'db' } },
          lifecycle: {
            postStart: { httpGet: { port: 80, host: 'a' } },
            preStop: { tcpSocket: { port: 80, host: 'b' } },
          },
        },
      ],
    },
    found: [
      `hostProbesAndHostLifecycle: ${C}.livenessProbe.httpGet.host = 10.0.0.1`,
      `hostProbesAndHostLifecycle: ${C}.startupProbe.tcpSocket.host = db`,
      `hostProbesAndHostLifecycle: ${C}.lifecycle.postStart.httpGet.host = a`,
      `hostProbesAndHostLifecycle: ${C}.lifecycle.preStop.tcpSocket.host = b`,
    ],
  },
  {
    reason: 'escalation that is not forbidden',
    spec: { containers: [{ name: 'c', securityContext: { capabilities: { drop: ['ALL'] } } }] },
    found: [`allowPrivilegeEscalation: ${C}.securityContext.allowPrivilegeEscalation = unset`],
  },
  {
    reason: 'root is not forbidden by anybody',
    spec: { securityContext: { seccompProfile: { type: 'RuntimeDefault' } } },
    found: [`runAsNonRoot: ${C}.securityContext.runAsNonRoot = unset`],
  },
  {
    reason: 'each container forbids root itself',
    spec: {
      securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
      containers: [aContainer({ runAsNonRoot: true })],
    },
    found: [],
  },
  {
    reason: 'a pod that allows root is refused, also where its container forbids it',
    spec: { ...inPod({ runAsNonRoot: false }), ...context({ runAsNonRoot: true }) },
    found: ['runAsNonRoot: securityContext.runAsNonRoot = false'],
  },
  {
    reason: 'a container that allows root in a pod that forbids it',
    spec: context({ runAsNonRoot: false }),
    found: [`runAsNonRoot: ${C}.securityContext.runAsNonRoot = false`],
  },
  {
    reason: 'root asked for, in the pod and in a container',
    spec: { ...inPod({ runAsUser: 0 }), ...context({ runAsUser: 0 }) },
    found: ['runAsUser: securityContext.runAsUser = 0', `runAsUser: ${C}.securityContext.runAsUser = 0`],
  },
  {
    reason: 'root in a user namespace',
    spec: { ...inPod({ runAsNonRoot: false, runAsUser: 0 }), hostUsers: false },
    found: [],
  },
  {
    reason: 'root with the users of the node, said aloud',
    spec: { ...inPod({ runAsUser: 0 }), hostUsers: true },
    found: ['runAsUser: securityContext.runAsUser = 0'],
  },
  {
    reason: 'Windows has no escalation, capabilities or seccomp, but users',
    spec: { securityContext: {}, containers: [{ name: 'c' }], os: { name: 'windows' } },
    found: [`runAsNonRoot: ${C}.securityContext.runAsNonRoot = unset`],
  },
  {
    reason: 'a value of any length is shown up to a bound',
    level: 'baseline',
    spec: context({ capabilities: { add: ['X'.repeat(300)] } }),
    found: [
      `capabilities_baseline: ${C}.securityContext.capabilities.add = ${'X'.repeat(233)}… (sha256:bbd2c3dd0750)`,
    ],
  },
];

describe('evaluatePodSecurity', () => {
  it.each(CASES)('$reason', ({ level = 'restricted', spec, annotations, found }) => {
    const findings = evaluatePodSecurity(level, aPod(spec, annotations));
    expect(findings.map(({ control, path, value }) => `${control}: ${path} = ${value}`)).toEqual(found);
  });

  it('judges a bare pod: baseline admits it, restricted does not', () => {
    const pod = { spec: { containers: [{ name: 'c' }] } };
    expect(evaluatePodSecurity('baseline', pod)).toEqual([]);
    expect(evaluatePodSecurity('restricted', pod).map(({ control }) => control)).toEqual([
      'allowPrivilegeEscalation',
      'capabilities_restricted',
      'runAsNonRoot',
      'seccompProfile_restricted',
    ]);
  });
});
