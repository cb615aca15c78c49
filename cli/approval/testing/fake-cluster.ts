/** The command line against objects in memory: for tests of what it says and sends. What the API server makes of it is tested there. */
import { Readable } from 'node:stream';
import type { ApprovalRequest } from '../../../api/index.ts';
import { statusOf, type ApprovalRow } from '../../../approval/index.ts';
import type { KubernetesObject, ResourceType } from '../../../operator/runtime/index.ts';
import { runProgram, type ProgramSettings } from '../../index.ts';
import type { OpenedCluster } from '../cluster.ts';

/** One write. */
export interface Written {
  readonly verb: 'create' | 'apply';
  readonly object: KubernetesObject;
  readonly options: object;
}

/** How a command ended, and what it wrote. */
export interface Ended {
  readonly code: number;
  readonly results: string;
  readonly notes: string;
  readonly written: readonly Written[];
}

export interface RunOptions extends Partial<ProgramSettings> {
  readonly objects?: readonly KubernetesObject[];
  /** Standard input. */
  readonly typed?: string;
  /** What `create` answers with, over what was sent. */
  readonly stamp?: (object: KubernetesObject) => KubernetesObject;
}

/** Runs the command line on a cluster whose context has the namespace `team-a`. */
export async function run(
  argv: readonly string[],
  { objects = [], typed = '', stamp = (object) => object, ...settings }: RunOptions = {},
): Promise<Ended> {
  const [results, notes]: [string[], string[]] = [[], []];
  const written: Written[] = [];
  const code = await runProgram(argv, {
    version: '1.2.3',
    roles: [],
    output: { result: (text) => void results.push(text), note: (text) => void notes.push(text) },
    input: () => Readable.from([typed]),
    openCluster: () =>
      Promise.resolve({
        client: clientOf(objects, written, stamp),
        namespace: 'team-a',
        close: () => Promise.resolve(),
      }),
    ...settings,
  });
  return { code, results: results.join('\n'), notes: notes.join('\n'), written };
}

function clientOf(
  objects: readonly KubernetesObject[],
  written: Written[],
  stamp: (object: KubernetesObject) => KubernetesObject,
): OpenedCluster['client'] {
  // A boundary: objects of a test are of the kind that they say.
  const ofType = <T extends KubernetesObject>({ kind }: ResourceType<T>, namespace: string): readonly T[] =>
    objects.filter(
      (object): object is T =>
        object.kind === kind && (namespace === '' || (object.metadata.namespace ?? namespace) === namespace),
    );
  const write = <T>(verb: Written['verb'], object: KubernetesObject, options: object): Promise<T> => {
    written.push({ verb, object, options });
    return Promise.resolve(stamp(object) as T);
  };
  return {
    get: (type, { namespace, name }) =>
      Promise.resolve(ofType(type, namespace).find(({ metadata }) => metadata.name === name)),
    list: (type, { namespace = '' }) =>
      Promise.resolve({ items: ofType(type, namespace), resourceVersion: '1' }),
    create: (_type, object, options) => write('create', object, options),
    apply: (_type, object, options) => write('apply', object, options),
  };
}

/** The request of a row, with the status that the operator projects. */
export function requestOf(
  row: ApprovalRow,
  status: Partial<ApprovalRequest['status'] & object> = {},
): ApprovalRequest {
  const { kind, target, parameters } = row.action;
  return {
    apiVersion: 'mcp.kilocode.ai/v1alpha1',
    kind: 'ApprovalRequest',
    metadata: { name: row.name, namespace: row.namespace, uid: row.requestUid, generation: 1 },
    spec: { action: { kind, target: { ...target }, parameters: { ...parameters } } },
    status: { ...statusOf(row, 1), ...status },
  } as ApprovalRequest;
}
