/**
 * Why one container of a pod does not run or is not ready, from its status: a chain of named rules, the first that knows a
 * cause wins. A crashing container is waiting, running and terminated by turns; the rules see the same cause in all three,
 * so that the status does not flicker with them.
 */
import { SERVER_CONTAINER, type AvailableReason } from '../../api/index.ts';
import { excerpt } from '../../core/excerpt.ts';
import type { ContainerEnd, ContainerStatus, Pod } from './kinds.ts';

/** The reasons of Available that are a failure of pods. */
export type PodFailureReason = Exclude<
  AvailableReason,
  'MinimumReplicasReady' | 'RemoteSource' | 'ScaledToZero' | 'Progressing' | 'NotAccepted'
>;

export interface PodFailure {
  readonly reason: PodFailureReason;
  readonly message: string;
}

/** A run that ended sooner than this counts as a crash: the kubelet forgets its back-off after the same time. */
const CRASH_WITHIN_MS = 10 * 60_000;
/** How long a container may run without being ready before that is called a failing probe. */
export const SLOW_START_MS = 30_000;
/** Killed by SIGKILL and SIGTERM: without an out-of-memory kill, that was the kubelet, for a probe. */
const KILLED = [137, 143];

interface Container {
  readonly pod: Pod;
  readonly status: ContainerStatus;
  readonly now: number;
}
type Rule = (container: Container) => PodFailure | undefined;

/** In this order: what keeps a container from existing, then from running, then from being ready. */
const RULES: readonly Rule[] = [
  imageCannotBePulled,
  referenceIsMissing,
  imageRunsAsRoot,
  programCannotStart,
  ranOutOfMemory,
  probeKilledIt,
  endsAgainAndAgain,
  probeFails,
];

/** The failure of the container, if it has one. */
export function containerFailure(pod: Pod, status: ContainerStatus, now: number): PodFailure | undefined {
  if (isDone(pod, status)) return undefined;
  for (const rule of RULES) {
    const failure = rule({ pod, status, now });
    if (failure !== undefined) return failure;
  }
  return undefined;
}

/** Ready, or an init container that has done its work. */
function isDone(pod: Pod, status: ContainerStatus): boolean {
  const isInit = pod.status?.initContainerStatuses?.includes(status) === true;
  return status.ready === true || (isInit && status.state?.terminated?.exitCode === 0);
}

const PULL_REASONS = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'ImageInspectError',
  'RegistryUnavailable',
  'SignatureValidationFailed',
]);

/** The registry's own words stay out: only their class is said. */
const PULL_CAUSES: readonly (readonly [RegExp, string])[] = [
  [/InvalidImageName|invalid reference|couldn't parse image/i, 'the reference is not valid'],
  [
    /ErrImageNeverPull|is not present with pull policy of Never/i,
    'it is not on the node, and imagePullPolicy is Never',
  ],
  [/SignatureValidationFailed/i, 'its signature is not valid'],
  [
    /unauthorized|authentication required|denied|forbidden|\b40[13]\b/i,
    'the registry refuses access; it may be private or not exist',
  ],
  [/not found|manifest unknown|does not exist|\b404\b/i, 'the registry does not have it'],
  [/no match for platform|no matching manifest/i, "it is not built for the node's platform"],
  [
    /no such host|server misbehaving|connection refused|timeout|deadline exceeded|unreachable|EOF|RegistryUnavailable/i,
    'the registry cannot be reached',
  ],
  [/x509|tls:/i, "the registry's certificate is not trusted"],
  [/toomanyrequests|\b429\b/i, 'the registry limits the number of pulls'],
];

function imageCannotBePulled({ pod, status }: Container): PodFailure | undefined {
  const { reason = '', message = '' } = status.state?.waiting ?? {};
  if (!PULL_REASONS.has(reason)) return undefined;
  const image = imageOf(pod, status);
  // The message quotes the reference, and a repository may be called what we look for.
  const said = `${reason} ${message.replaceAll(image, '')}`;
  const [, cause] = PULL_CAUSES.find(([pattern]) => pattern.test(said)) ?? [];
  const suffix = cause === undefined ? '' : `: ${cause}`;
  return { reason: 'ImagePullFailed', message: excerpt(`image ${image} cannot be pulled${suffix}`, 700) };
}

/** As the pod asks for it; the status shows what the runtime made of it. */
function imageOf(pod: Pod, status: ContainerStatus): string {
  const container = pod.spec?.containers?.find(({ name }) => name === status.name);
  return container?.image ?? status.image ?? '';
}

function referenceIsMissing({ status }: Container): PodFailure | undefined {
  const { reason, message = '' } = status.state?.waiting ?? {};
  if (reason !== 'CreateContainerConfigError') return undefined;
  const missing = missingObject(message) ?? missingKey(message);
  if (missing === undefined) return undefined;
  return {
    reason: missing.reason,
    message: excerpt(`container ${status.name} cannot start: ${missing.what}`, 700),
  };
}

interface Missing {
  readonly reason: PodFailureReason;
  readonly what: string;
}

/** The kubelet says `secret "x" not found`. */
function missingObject(message: string): Missing | undefined {
  const [, kind, name] = /\b(secret|configmap) "([^"]+)" not found/i.exec(message) ?? [];
  return kind === undefined ? undefined : missing(kind, (noun) => `${noun} ${name ?? ''} does not exist`);
}

/** The kubelet says `couldn't find key k in Secret ns/x`. */
function missingKey(message: string): Missing | undefined {
  const [, key, kind, name] = /couldn't find key (\S+) in (Secret|ConfigMap) (\S+)/i.exec(message) ?? [];
  if (kind === undefined) return undefined;
  return missing(kind, (noun) => `${noun} ${nameOf(name ?? '')} has no key ${key ?? ''}`);
}

function missing(kind: string, sentence: (noun: string) => string): Missing {
  return kind.toLowerCase() === 'secret'
    ? { reason: 'MissingSecretKey', what: sentence('Secret') }
    : { reason: 'MissingConfigKey', what: sentence('ConfigMap') };
}

/** `namespace/name` without the namespace, which is the server's own. */
function nameOf(reference: string): string {
  return reference.slice(reference.indexOf('/') + 1);
}

function imageRunsAsRoot({ status }: Container): PodFailure | undefined {
  const { reason, message = '' } = status.state?.waiting ?? {};
  if (reason !== 'CreateContainerConfigError') return undefined;
  const why = rootCause(message);
  if (why === undefined) return undefined;
  return {
    reason: 'ImageRunsAsRoot',
    message: `container ${status.name} cannot start: ${why}; set podTemplate.spec.securityContext.runAsUser above 0`,
  };
}

function rootCause(message: string): string | undefined {
  if (message.includes('breaks non-root policy')) return 'its runAsUser is root';
  if (!message.includes('runAsNonRoot')) return undefined;
  return message.includes('non-numeric')
    ? 'the user of its image is a name, which may be root'
    : 'its image runs as root';
}

const START_ERRORS = new Set([
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
  'StartError',
  'ContainerCannotRun',
]);

/** The runtime quotes the command, which is the user's own; still only the class is said. */
function programCannotStart({ status }: Container): PodFailure | undefined {
  const { waiting } = status.state ?? {};
  const ended = lastEnd(status);
  const reason = [waiting?.reason, ended?.reason].find(
    (word) => word !== undefined && START_ERRORS.has(word),
  );
  if (reason === undefined) return undefined;
  const said = `${waiting?.message ?? ''} ${ended?.message ?? ''}`;
  return {
    reason: 'ContainerStartFailed',
    message: `container ${status.name} cannot start: ${startCause(said)}`,
  };
}

function startCause(said: string): string {
  if (/no such file or directory|executable file not found/.test(said))
    return 'its program does not exist in the image';
  if (/permission denied/.test(said)) return 'its program is not executable for its user';
  if (/exec format error/.test(said)) return "its program is built for another platform than the node's";
  return 'the container runtime refuses it; kubectl describe pod shows why';
}

function ranOutOfMemory({ status }: Container): PodFailure | undefined {
  if (lastEnd(status)?.reason !== 'OOMKilled') return undefined;
  return {
    reason: 'OutOfMemory',
    message: `container ${status.name} was killed at its memory limit: raise resources.limits.memory`,
  };
}

function probeKilledIt({ status }: Container): PodFailure | undefined {
  const ended = lastEnd(status);
  if (ended === undefined || !KILLED.includes(ended.exitCode)) return undefined;
  return {
    reason: 'ProbeFailing',
    message: `container ${status.name} is stopped and started again because its startup or liveness probe fails`,
  };
}

function endsAgainAndAgain({ pod, status }: Container): PodFailure | undefined {
  const ended = lastEnd(status);
  if (ended === undefined) return undefined;
  const { namespace = '', name } = pod.metadata;
  return {
    reason: 'CrashLooping',
    message:
      `container ${status.name} ended with exit code ${ended.exitCode} and is started again and again; ` +
      `its log: kubectl logs -n ${namespace} ${name} -c ${status.name} --previous`,
  };
}

const LISTEN_HINT = ': does it listen on transport.port, and on all interfaces (0.0.0.0)?';

function probeFails({ status, now }: Container): PodFailure | undefined {
  const { running } = status.state ?? {};
  if (running?.startedAt === undefined || now - Date.parse(running.startedAt) < SLOW_START_MS)
    return undefined;
  const isServer = status.name === SERVER_CONTAINER;
  const probe = status.started === true ? 'readiness' : 'startup';
  return {
    reason: 'ProbeFailing',
    message: `container ${status.name} runs, but its ${probe} probe fails${isServer ? LISTEN_HINT : ''}`,
  };
}

/** How the last run ended, unless that was long ago or after a long life: a single restart is not a crash loop. */
function lastEnd(status: ContainerStatus): ContainerEnd | undefined {
  const ended = status.state?.terminated ?? status.lastState?.terminated;
  if (ended === undefined) return undefined;
  const startedAt = Date.parse(ended.startedAt ?? '');
  // A container that could not be started at all has the zero of Unix time here.
  if (startedAt === 0) return ended;
  return Date.parse(ended.finishedAt ?? '') - startedAt > CRASH_WITHIN_MS ? undefined : ended;
}
