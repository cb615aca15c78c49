/**
 * What a real kubelet does with servers that cannot run, and that the status says why in one sentence, without a word of any log.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AvailableReason } from '../../../api/index.ts';
import { createNamespace, type TestNamespace } from '../../harness/namespace.ts';
import { kubeconfigPath, kubectl } from '../cluster.ts';
import {
  applyServer,
  condition,
  everythingSpec,
  getServer,
  untilCondition,
  waitUntilReady,
} from '../servers.ts';

/** Printed by a container that crashes: a status that quotes it leaks logs to everybody who may read MCPServers. */
const LOG_WORD = 'hunter2';

const secretEnv = (name: string, key: string): object[] => [
  { name: 'TOKEN', valueFrom: { secretKeyRef: { name, key } } },
];

const serverContainer = (changes: object): Failure['spec'] => ({
  podTemplate: { spec: { containers: [{ name: 'server', ...changes }] } },
});

/** A server that cannot run, the reason that its condition Available gives, and what the message must say. */
interface Failure {
  readonly name: string;
  readonly spec: Readonly<Record<string, unknown>>;
  readonly reason: AvailableReason;
  readonly says: RegExp;
}

const FAILURES: readonly Failure[] = [
  {
    name: 'wrong-image',
    spec: { source: { image: { ref: 'localhost/no-such-image:1' } } },
    reason: 'ImagePullFailed',
    says: /localhost\/no-such-image:1/,
  },
  {
    name: 'crash-loop',
    spec: { args: ['-e', `console.log('${LOG_WORD}'); process.exit(3)`] },
    reason: 'CrashLooping',
    says: /exit code 3/i,
  },
  {
    name: 'no-program',
    spec: { command: ['/no/such/program'] },
    reason: 'ContainerStartFailed',
    says: /./,
  },
  {
    name: 'too-big',
    spec: { resources: { requests: { cpu: '4000' } } },
    reason: 'Unschedulable',
    says: /cpu/i,
  },
  {
    name: 'missing-secret',
    spec: { env: secretEnv('absent', 'token') },
    reason: 'MissingSecretKey',
    says: /absent/,
  },
  {
    name: 'missing-key',
    spec: { env: secretEnv('present', 'absent') },
    reason: 'MissingSecretKey',
    says: /absent/,
  },
  {
    name: 'failing-probe',
    spec: serverContainer({
      readinessProbe: { httpGet: { path: '/nothing', port: 'mcp' }, periodSeconds: 1 },
    }),
    reason: 'ProbeFailing',
    says: /readiness/i,
  },
  {
    name: 'out-of-memory',
    spec: {
      args: ['-e', 'const all = []; for (;;) all.push(Buffer.alloc(1e6, 1))'],
      resources: { requests: { memory: '16Mi' }, limits: { memory: '48Mi' } },
    },
    reason: 'OutOfMemory',
    says: /memory/i,
  },
];

export function podFailuresScenario(): void {
  let namespace: TestNamespace;

  beforeAll(async () => {
    namespace = await createNamespace(kubeconfigPath, 'failures');
    await kubectl(['create', 'secret', 'generic', 'present', '--from-literal=token=x', '-n', namespace.name]);
    for (const { name, spec } of FAILURES) await applyServer(namespace.name, name, everythingSpec(spec));
  });
  afterAll(() => namespace.remove());

  it.each(FAILURES)('$name is $reason', async ({ name, reason, says }) => {
    expect(await untilCondition(namespace.name, name, 'Available', `False/${reason}`)).toMatch(says);
    expect((await condition(namespace.name, name, 'Ready'))?.verdict).toBe(`False/${reason}`);
    const text = JSON.stringify((await getServer(namespace.name, name)).status);
    expect(text).not.toContain(LOG_WORD);
  });

  it('a quota that leaves no room is QuotaExceeded', async () => {
    const quota = await createNamespace(kubeconfigPath, 'quota');
    await kubectl(['create', 'quota', 'none', '--hard=pods=0', '-n', quota.name]);
    await applyServer(quota.name, 'server', everythingSpec());
    await untilCondition(quota.name, 'server', 'Available', 'False/QuotaExceeded');
    await quota.remove();
  });

  it('a bad rollout behind old healthy pods is not Ready, and the old pods go on serving', async () => {
    await applyServer(namespace.name, 'rollout', everythingSpec());
    await waitUntilReady(namespace.name, 'rollout');
    await applyServer(
      namespace.name,
      'rollout',
      everythingSpec({ source: { image: { ref: 'localhost/no-such-image:2' } } }),
    );
    const message = await untilCondition(namespace.name, 'rollout', 'Ready', 'False/ImagePullFailed');
    expect(message).toContain('localhost/no-such-image:2');
    expect((await getServer(namespace.name, 'rollout')).status?.readyReplicas).toBe(1);
    await applyServer(namespace.name, 'rollout', everythingSpec());
    await waitUntilReady(namespace.name, 'rollout');
  });
}
