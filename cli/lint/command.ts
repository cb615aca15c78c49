/** `kilo-mcp lint FILE…`: what a cluster with the operator would say of manifests, without a cluster. */
import type { Readable } from 'node:stream';
import { Command, Option } from 'commander';
import type { Output } from '../output.ts';
import { FAIL_ON, LINT_FORMATS, addNamespaceLabels, append } from './flags.ts';
import type { LintFlags } from './run.ts';

export interface LintCommandSettings {
  readonly version: string;
  readonly output: Output;
  /** What `-` reads. */
  readonly input: () => Readable;
  readonly signal: AbortSignal;
  readonly done: (exitCode: number) => void;
}

export const lintExamples: readonly string[] = [
  '%s lint deploy/ --policy policies/',
  '# With the policies of the cluster, and the labels by which they choose namespaces:',
  'kubectl get mcpsecuritypolicies -o yaml > policies.yaml',
  '%s lint github.yaml --policy policies.yaml --namespace team-a --namespace-labels team-a=tier=prod',
  '# What a template renders:',
  'helm template charts/tools | %s lint - --policy policies.yaml',
  '# For code scanning:',
  '%s lint deploy/ --policy policies.yaml --checks --output sarif > lint.sarif',
];

export function lintCommand({ signal, done, ...settings }: LintCommandSettings): Command {
  return new Command('lint')
    .description(
      'Judge MCPServers and MCPSecurityPolicies in files as the cluster would: schema, rules of the kind, security policies. Needs no cluster.',
    )
    .argument('<files...>', 'YAML or JSON files, directories of them, or - for standard input')
    .addOption(
      new Option('-o, --output <format>', 'Format of the result.').choices(LINT_FORMATS).default('text'),
    )
    .option(
      '-p, --policy <path>',
      'Judge by the MCPSecurityPolicies of this file or directory; may be repeated. Policies among the files judge too.',
      append,
    )
    .option('-n, --namespace <name>', 'Namespace of the servers that name none.', 'default')
    .option(
      '--namespace-labels <labels>',
      'Labels of a namespace, such as team-a=tier=prod,owner=web; may be repeated. Namespaces among the files bring theirs.',
      addNamespaceLabels,
    )
    .option('--checks', 'Run the checks of the catalogue too (MCP-W01 and so on).')
    .addOption(
      new Option('--fail-on <level>', 'The least level of a finding that ends with exit code 4.')
        .choices(FAIL_ON)
        .default('error'),
    )
    .action(async (files: readonly string[], flags: LintFlags) => {
      // Parser, schemas and rules are nothing that the operator should carry in memory.
      const { runLint } = await import('./run.ts');
      done(await runLint(files, flags, settings, signal));
    });
}
