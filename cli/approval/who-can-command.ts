/** `kilo-mcp who-can VERB POLICY`: who holds the verb in a namespace, and by which roles; warns of those who hold it without anybody having meant it. */
import { Argument, Command, Option } from 'commander';
import { DECISION_VERBS, type DecisionVerb } from '../../approval/index.ts';
import { TerminalError } from '../../core/errors.ts';
import type { KubernetesObject, ResourceType } from '../../operator/runtime/index.ts';
import { exitCode } from '../exit-codes.ts';
import { OUTPUT_FORMATS, printable, printableJson, type OutputFormat } from '../output.ts';
import {
  APPROVAL_POLICY,
  clusterFlags,
  withCluster,
  type ClusterFlags,
  type OpenedCluster,
} from './cluster.ts';
import type { DecideSettings } from './decide.ts';
import { whoCan, type BindingObject, type Holder, type RBAC, type RoleObject } from './who-can.ts';

interface WhoCanFlags extends ClusterFlags {
  readonly output: OutputFormat;
}

export const whoCanExamples: readonly string[] = [
  '%s who-can approve prod -n team-a',
  '# Of one person the API server itself has the last word:',
  'kubectl auth can-i approve approvalpolicies/prod -n team-a --as carol',
];

const PAGE = 500;
const MAX_PAGES = 200;

/** @see module header */
export function whoCanCommand(settings: DecideSettings): Command {
  const command = new Command('who-can')
    .description('List who may decide by an ApprovalPolicy in a namespace, and by which roles and bindings.')
    .addArgument(new Argument('<verb>', 'the verb').choices(DECISION_VERBS))
    .argument('<policy>', 'name of the ApprovalPolicy')
    .addOption(
      new Option('-o, --output <format>', 'Format of the result.').choices(OUTPUT_FORMATS).default('table'),
    );
  return clusterFlags(command).action(async (verb: DecisionVerb, policy: string, flags: WhoCanFlags) => {
    const holders = await withCluster(flags, settings, async (client, namespace) => {
      await mustExist(client, policy, settings.signal);
      return whoCan(await readRBAC(client, namespace, settings.signal), { verb, policy });
    });
    settings.output.result(flags.output === 'json' ? printableJson(holders) : table(holders));
    warn(holders, verb, settings);
    settings.done(exitCode('success'));
  });
}

async function mustExist(client: OpenedCluster['client'], name: string, signal: AbortSignal): Promise<void> {
  const policy = await client.get(APPROVAL_POLICY, { namespace: '', name }, signal);
  if (policy === undefined)
    throw new TerminalError(`there is no ApprovalPolicy ${name}: \`kubectl get approvalpolicies\` lists all`);
}

async function readRBAC(
  client: OpenedCluster['client'],
  namespace: string,
  signal: AbortSignal,
): Promise<RBAC> {
  const read = <T extends KubernetesObject>(kind: string, plural: string, namespaced: boolean) =>
    all<T>(
      client,
      { group: 'rbac.authorization.k8s.io', version: 'v1', kind, plural, namespaced },
      namespaced ? namespace : '',
      signal,
    );
  return {
    clusterRoles: await read<RoleObject>('ClusterRole', 'clusterroles', false),
    clusterRoleBindings: await read<BindingObject>('ClusterRoleBinding', 'clusterrolebindings', false),
    roles: await read<RoleObject>('Role', 'roles', true),
    roleBindings: await read<BindingObject>('RoleBinding', 'rolebindings', true),
  };
}

async function all<T extends KubernetesObject>(
  client: OpenedCluster['client'],
  type: ResourceType<T>,
  namespace: string,
  signal: AbortSignal,
): Promise<readonly T[]> {
  const items: T[] = [];
  let next: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const options = { namespace, limit: PAGE, ...(next !== undefined && { continue: next }) };
    const list = await client.list(type, options, signal);
    // Objects of a list carry no kind of their own.
    items.push(...list.items.map((item) => ({ ...item, kind: type.kind })));
    next = list.continue;
    if (next === undefined || next === '') return items;
  }
  throw new TerminalError(
    `there are more than ${PAGE * MAX_PAGES} ${type.plural}: ask \`kubectl auth can-i\``,
  );
}

function table(holders: readonly Holder[]): string {
  if (holders.length === 0) return 'nobody, as far as RBAC says';
  const rows = holders.map(({ kind, name, role, binding, byWildcard, refused }) => [
    kind,
    name,
    role,
    binding,
    [byWildcard ? 'by a wildcard' : '', refused].filter(Boolean).join('; '),
  ]);
  const lines = [['KIND', 'NAME', 'ROLE', 'BINDING', 'REMARK'], ...rows];
  const widths =
    lines[0]?.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0))) ?? [];
  const aligned = lines.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('   ')
      .trimEnd(),
  );
  return printable(aligned.join('\n'));
}

function warn(holders: readonly Holder[], verb: DecisionVerb, { output }: DecideSettings): void {
  const silent = [...new Set(holders.filter(({ byWildcard }) => byWildcard).map(({ role }) => role))];
  if (silent.length > 0)
    output.note(
      printable(
        `warning: these roles hold ${verb} by a *, perhaps without anybody having meant it: ${silent.join(', ')}`,
      ),
    );
  output.note(
    'Members of system:masters pass every check of rights; their decisions are refused by admission.',
  );
}
