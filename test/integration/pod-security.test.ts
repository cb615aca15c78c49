/**
 * The Pod Security Standards as the API server enforces them in a labelled namespace, beside ours: one verdict on every case that upstream
 * publishes for the server's version, and on some of our own. Nothing is stored.
 */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { evaluatePodSecurity, type PodSecurityLevel } from '../../checks/podsecurity/index.ts';
import { POD } from '../../controllers/mcpserver/kinds.ts';
import { kubectl } from '../harness/kubectl.ts';
import { InvalidError } from '../../operator/runtime/index.ts';
import { createNamespace, type TestNamespace } from '../harness/namespace.ts';
import {
  NEWEST_MINOR,
  readPodSecurityCases,
  type CasePod,
  type PodSecurityCase,
} from '../harness/pod-security-cases.ts';
import { startRuntime, type RuntimeFixture } from '../harness/runtime.ts';

type Verdict = PodSecurityCase['verdict'];

/**
 * What the profiles changed after 1.33, the oldest Kubernetes that we support, by control. Ours are the newest, so on an older server
 * their verdict may differ there, and nowhere else.
 */
const CHANGED_IN_MINOR: Readonly<Record<string, number>> = {
  hostprobesandhostlifecycle: 34,
  procmount: 35,
  runasnonroot: 35,
  runasuser: 35,
  sysctls: 37,
};

const restrictedContext = { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } };
const restrictedContainer = {
  name: 'c',
  image: 'example.com/c:1',
  securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
};

/** What upstream has no case for. */
const OWN: readonly (Pick<PodSecurityCase, 'name' | 'control'> & { readonly spec: CasePod['spec'] })[] = [
  {
    name: 'root in a user namespace',
    control: 'runasuser',
    spec: {
      hostUsers: false,
      securityContext: { ...restrictedContext, runAsNonRoot: false, runAsUser: 0 },
      containers: [restrictedContainer],
    },
  },
  {
    name: 'root in a user namespace that is not one',
    control: 'runasuser',
    spec: {
      hostUsers: true,
      securityContext: { ...restrictedContext, runAsUser: 0 },
      containers: [restrictedContainer],
    },
  },
  {
    name: 'a volume without a source',
    control: 'restrictedvolumes',
    spec: { securityContext: restrictedContext, containers: [restrictedContainer], volumes: [{ name: 'v' }] },
  },
  {
    name: 'a pod that turns off what its container turns on',
    control: 'seccompprofile_restricted',
    spec: {
      securityContext: { runAsNonRoot: false, seccompProfile: { type: 'Unconfined' } },
      containers: [
        {
          ...restrictedContainer,
          securityContext: { ...restrictedContainer.securityContext, ...restrictedContext },
        },
      ],
    },
  },
  {
    name: 'capabilities dropped one by one',
    control: 'capabilities_restricted',
    spec: {
      securityContext: restrictedContext,
      containers: [
        {
          ...restrictedContainer,
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['CHOWN', 'KILL'] } },
        },
      ],
    },
  },
  {
    name: 'a container of Windows that asks for nothing',
    control: 'allowprivilegeescalation',
    spec: {
      os: { name: 'windows' },
      securityContext: { runAsNonRoot: true },
      containers: [{ name: 'c', image: 'example.com/c:1' }],
    },
  },
];

/** The minor version that the server is, or that it was told to emulate. */
async function servedMinor(kubeconfigPath: string): Promise<number> {
  const version: { minor: string; emulationMinor?: string } = JSON.parse(
    await kubectl(kubeconfigPath, ['get', '--raw', '/version']),
  );
  return Number.parseInt(version.emulationMinor ?? version.minor, 10);
}

describe.each<PodSecurityLevel>(['baseline', 'restricted'])('the profile %s', (level) => {
  const kubeconfigPath = inject('kubeconfigPath');
  let namespace: TestNamespace;
  let runtime: RuntimeFixture;
  let minor: number;

  beforeAll(async () => {
    minor = Math.min(await servedMinor(kubeconfigPath), NEWEST_MINOR);
    namespace = await createNamespace(kubeconfigPath, level, {
      'pod-security.kubernetes.io/enforce': level,
      'pod-security.kubernetes.io/enforce-version': 'latest',
    });
    runtime = await startRuntime(kubeconfigPath, namespace.name);
    await kubectl(kubeconfigPath, ['create', 'serviceaccount', 'cases', '-n', namespace.name]);
  });
  afterAll(async () => {
    await runtime.stop();
    await namespace.remove();
  });

  /** Validation comes before this admission: of a pod that the API itself refuses there is no verdict. */
  async function verdictOfServer({ metadata, spec, ...pod }: CasePod): Promise<Verdict | 'invalid'> {
    // Upstream names its pods after the files, which is no name for the API.
    const placed = { ...metadata, name: 'judged', namespace: namespace.name };
    const body = { ...pod, metadata: placed, spec: Object.assign({}, spec, { serviceAccountName: 'cases' }) };
    try {
      await runtime.client.create(POD, body, { fieldManager: 'test', dryRun: true }, runtime.signal);
      return 'pass';
    } catch (error) {
      if (error instanceof InvalidError) return 'invalid';
      if (error instanceof Error && error.message.includes(`violates PodSecurity "${level}:latest"`))
        return 'fail';
      throw error;
    }
  }

  const ourVerdict = (pod: CasePod): Verdict =>
    evaluatePodSecurity(level, pod).length === 0 ? 'pass' : 'fail';

  const isNewerThanServer = (control: string): boolean => (CHANGED_IN_MINOR[control] ?? 0) > minor;

  it('is the same here and in the API server, on every case of upstream', async () => {
    const cases = (await readPodSecurityCases(minor)).filter((each) => each.level === level);
    const verdicts = await Promise.all(
      cases.map(async ({ name, control, verdict, pod }) => ({
        name,
        control,
        upstream: verdict,
        server: await verdictOfServer(pod),
        ours: ourVerdict(pod),
      })),
    );
    const judged = verdicts.filter(({ server }) => server !== 'invalid');
    expect(judged.filter(({ upstream, server }) => server !== upstream)).toEqual([]);
    const different = judged.filter(({ server, ours }) => ours !== server);
    expect(different.filter(({ control }) => !isNewerThanServer(control))).toEqual([]);
    expect(judged.length - different.length).toBeGreaterThanOrEqual(35);

    // The API refuses to unmask /proc for the users of the node, whatever the profile.
    const unjudged = verdicts.filter(({ server }) => server === 'invalid');
    const isExplained = ({ control, ours }: (typeof verdicts)[number]): boolean =>
      control.startsWith('procmount') && (ours === 'fail' || isNewerThanServer(control));
    expect(unjudged.filter((each) => !isExplained(each))).toEqual([]);
  });

  it('is the same here and in the API server, on cases of our own', async () => {
    const compared = OWN.filter(({ control }) => !isNewerThanServer(control));
    expect(compared.length).toBeGreaterThanOrEqual(4);
    for (const { name, spec } of compared) {
      const pod: CasePod = { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec };
      expect([name, ourVerdict(pod)]).toEqual([name, await verdictOfServer(pod)]);
    }
  });
});
