/** What the pods of a server really are: not what a spec says of them. */
import { LABELS, SERVER_CONTAINER } from '../../../api/index.ts';
import { getList, withAnswer, type Kubectl } from '../kubectl.ts';
import { waitForAll, type Waiting } from '../waiting.ts';
import { NAMESPACE } from './policy.ts';

/** As much of a pod as the story looks at. */
export interface PodView {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
  readonly spec: {
    readonly containers: readonly {
      readonly name: string;
      readonly securityContext?: { readonly readOnlyRootFilesystem?: boolean };
    }[];
  };
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

const COLUMNS = [
  'POD:.metadata.name',
  `READ-ONLY ROOT:.spec.containers[?(@.name=="${SERVER_CONTAINER}")].securityContext.readOnlyRootFilesystem`,
  'READY:.status.conditions[?(@.type=="Ready")].status',
].join(',');

/** @returns what is not yet so of the pods, those that end included: all of them Ready, with a root file system that is read-only or is not. */
export function unlike(pods: readonly PodView[], isReadOnly: boolean): readonly string[] {
  if (pods.length === 0) return ['a pod'];
  return pods.flatMap(({ metadata, spec, status }) => {
    const container = spec.containers.find(({ name }) => name === SERVER_CONTAINER);
    const isSo = container?.securityContext?.readOnlyRootFilesystem === true;
    const isReady = status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True');
    if (metadata.deletionTimestamp !== undefined) return [`the end of ${metadata.name}`];
    return [
      ...(isSo === isReadOnly
        ? []
        : [`${metadata.name} with a root that is ${isReadOnly ? 'read-only' : 'writable'}`]),
      ...(isReady === true ? [] : [`${metadata.name} to be ready`]),
    ];
  });
}

/** Waits until the server has no other pods than such. */
export async function waitForPods(
  kubectl: Kubectl,
  server: string,
  isReadOnly: boolean,
  waiting: Waiting,
): Promise<void> {
  const look = async (): Promise<readonly string[]> =>
    unlike(await getList<PodView>(kubectl, podsOf(server)), isReadOnly);
  await waitForAll(`the pods of ${server} are`, look, waiting);
  waiting.progress(isReadOnly ? 'read-only' : 'writable');
}

/** @returns the live pods of the server as a table. */
export function podTable(kubectl: Kubectl, server: string): Promise<string> {
  return withAnswer(kubectl, ['get', ...podsOf(server), `--output=custom-columns=${COLUMNS}`]);
}

function podsOf(server: string): readonly string[] {
  return ['pods', '--namespace', NAMESPACE, `--selector=${LABELS.server}=${server}`];
}
