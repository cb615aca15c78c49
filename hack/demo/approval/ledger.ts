/**
 * Reading the ledger of an embedded store. One process at a time has it open, so the operator pauses for that, and a pod made like the operator's own
 * runs `kilo-mcp ledger` on the same volume. With an external PostgreSQL nothing pauses: any number may read.
 */
import { TerminalError } from '../../../core/errors.ts';
import type { Tools } from '../frame.ts';
import { OPERATOR } from '../install.ts';
import type { Kubectl } from '../kubectl.ts';
import { waitForAll, type Waiting } from '../waiting.ts';

/** One call of `kilo-mcp`, under a name for its container. */
export interface Question {
  readonly name: string;
  readonly args: readonly string[];
}

/** As much of the operator's Deployment as a pod beside it takes over; everything else passes through unseen. */
export interface DeploymentView {
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly volumes: readonly object[];
        readonly containers: readonly ContainerView[];
        readonly [field: string]: unknown;
      };
    };
  };
}

interface ContainerView {
  readonly volumeMounts: readonly object[];
  readonly [field: string]: unknown;
}

const POD = 'mcp-ledger-reader';
const SETTINGS = '/etc/kilo-mcp/config.yaml';
const DEADLINE_S = 180;
/** For the two calls after which the operator runs again, each of which has a deadline of its own. */
const RESUME_MS = 240_000;
/** The operator keeps checkpoints outside of the database, and takes one when it stops. */
const CHECKPOINTS = {
  volume: 'checkpoints',
  configMap: 'mcp-operator-ledger',
  directory: '/etc/kilo-mcp-checkpoints',
};
/** Where the pod has the checkpoints, for `--checkpoints`. */
export const CHECKPOINTS_FILE = `${CHECKPOINTS.directory}/checkpoints`;
const THERE = ['--namespace', OPERATOR.namespace];
const DEPLOYMENT = `deployment/${OPERATOR.release}`;
/** Of containers: what a pod that answers one question and ends has no use for. */
const KEPT_OF_CONTAINER = ['image', 'imagePullPolicy', 'env', 'resources', 'securityContext'] as const;
const KEPT_OF_POD = [
  'securityContext',
  'imagePullSecrets',
  'nodeSelector',
  'tolerations',
  'affinity',
] as const;

/** @returns a pod that answers the questions one after the other, on the operator's volume and by its settings. */
export function ledgerPod({ spec }: DeploymentView, questions: readonly Question[]): object {
  const { containers, volumes, ...pod } = spec.template.spec;
  const [operator] = containers;
  const answering = questions.map(({ name, args }) => ({
    ...picked(operator ?? {}, KEPT_OF_CONTAINER),
    name,
    args: [...args, `--config=${SETTINGS}`],
    volumeMounts: [
      ...(operator?.volumeMounts ?? []),
      { name: CHECKPOINTS.volume, mountPath: CHECKPOINTS.directory, readOnly: true },
    ],
  }));
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: POD, namespace: OPERATOR.namespace, labels: { 'app.kubernetes.io/name': POD } },
    spec: {
      ...picked(pod, KEPT_OF_POD),
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      restartPolicy: 'Never',
      activeDeadlineSeconds: DEADLINE_S,
      volumes: [
        ...volumes,
        // Without it the pod starts, and says which file is missing.
        { name: CHECKPOINTS.volume, configMap: { name: CHECKPOINTS.configMap, optional: true } },
      ],
      // One after the other, since they take turns at the database.
      initContainers: answering.slice(0, -1),
      containers: answering.slice(-1),
    },
  };
}

function picked(
  object: Readonly<Record<string, unknown>>,
  fields: readonly string[],
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(fields.filter((field) => field in object).map((field) => [field, object[field]]));
}

/**
 * @param kubectlWithin a kubectl that only its own signal ends: the operator must run again also where the demo was interrupted, or is late.
 * @returns what `kilo-mcp` answered, in the order of the questions. The operator runs again afterwards, whatever came of it.
 */
export async function askLedger(
  { kubectl, kubectlWithin }: Pick<Tools, 'kubectl' | 'kubectlWithin'>,
  questions: readonly Question[],
  waiting: Waiting,
): Promise<readonly string[]> {
  const deployment: DeploymentView = JSON.parse(await kubectl(['get', DEPLOYMENT, ...THERE, '-o', 'json']));
  try {
    await pause(kubectl, waiting);
    return await answersOf(kubectl, deployment, questions, waiting);
  } finally {
    await resume(kubectlWithin(AbortSignal.timeout(RESUME_MS)), waiting);
  }
}

/** Until its pod is gone, and the database closed. */
async function pause(kubectl: Kubectl, { progress }: Waiting): Promise<void> {
  progress('the operator pauses');
  await kubectl(['scale', DEPLOYMENT, ...THERE, '--replicas=0']);
  const pods = ['pods', ...THERE, `--selector=app.kubernetes.io/instance=${OPERATOR.release}`];
  await kubectl(['wait', ...pods, '--for=delete', '--timeout=60s', '--request-timeout=0']);
}

async function resume(kubectl: Kubectl, { progress }: Waiting): Promise<void> {
  progress('the operator starts again');
  await kubectl(['scale', DEPLOYMENT, ...THERE, '--replicas=1']);
  await kubectl(['rollout', 'status', DEPLOYMENT, ...THERE, '--timeout=180s', '--request-timeout=0']);
  progress('read, and the operator runs again');
}

async function answersOf(
  kubectl: Kubectl,
  deployment: DeploymentView,
  questions: readonly Question[],
  waiting: Waiting,
): Promise<readonly string[]> {
  await remove(kubectl);
  await kubectl(['create', '--filename', '-'], JSON.stringify(ledgerPod(deployment, questions)));
  const phase = await ended(kubectl, waiting);
  const answers: string[] = [];
  for (const { name } of questions)
    answers.push((await kubectl(['logs', POD, ...THERE, '--container', name])).trimEnd());
  await remove(kubectl);
  if (phase === 'Succeeded') return answers;
  throw new TerminalError(`the ledger could not be read, or is broken:\n${answers.join('\n')}`);
}

/** @returns the phase in which the pod ended. */
async function ended(kubectl: Kubectl, waiting: Waiting): Promise<string> {
  let phase = '';
  const look = async (): Promise<readonly string[]> => {
    phase = await kubectl(['get', 'pod', POD, ...THERE, '-o', 'jsonpath={.status.phase}']);
    return phase === 'Succeeded' || phase === 'Failed' ? [] : [`answers (the pod is ${phase})`];
  };
  await waitForAll('the ledger is', look, waiting);
  return phase;
}

async function remove(kubectl: Kubectl): Promise<void> {
  await kubectl(['delete', 'pod', POD, ...THERE, '--ignore-not-found', '--grace-period=1', '--timeout=25s']);
}
