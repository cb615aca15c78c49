/** `docs/cli.md`: the help of every command, as the commands print it. */
import { createProgram, EXIT_CODES } from '../../cli/index.ts';
import { operatorRole } from '../../operator/operator-role.ts';
import type { Generator } from './generator.ts';

type Command = ReturnType<typeof createProgram>['command'];

export const cliPage: Generator = {
  name: 'cli',
  outputs: () => Promise.resolve({ 'docs/cli.md': page() }),
};

function page(): string {
  const { command } = createProgram({
    version: '',
    roles: [operatorRole],
    openHistory: () => Promise.reject(new Error('help opens no history')),
  });
  return [
    '<!-- Generated from cli/ and operator/ by `make generate`; do not edit. -->',
    '# The command line',
    '',
    `${command.description()} In a checkout \`npx kilo-mcp\` runs it. An executable of the name \`kubectl-mcp\` on the PATH`,
    'makes it a plugin of kubectl: after `ln -s "$PWD/bin/kubectl-mcp.js" /usr/local/bin/kubectl-mcp` there is `kubectl mcp probe URL`.',
    '',
    'Results go to standard output, errors and notes to standard error.',
    '',
    '| exit code | meaning |',
    '| --- | --- |',
    ...Object.values(EXIT_CODES).map(({ code, meaning }) => `| ${code} | ${meaning} |`),
    '',
    ...command.commands.flatMap((each) => [
      `## kilo-mcp ${each.name()}`,
      '',
      '```text',
      helpOf(each),
      '```',
      '',
    ]),
    '## Members of the JSON that `probe` prints',
    '',
    ...PROBE_JSON,
    '',
  ].join('\n');
}

const PROBE_JSON = [
  '| member | in outcome | meaning |',
  '| --- | --- | --- |',
  '| `outcome` | all | `Verified`, `AuthRequired` or `Failed` |',
  '| `transport` | all | `StreamableHTTP` or `SSE`: what was spoken |',
  '| `era` | Verified | `legacy` (MCP up to 2025-11-25), `modern` (2026-07-28) or `dual` |',
  '| `protocolVersion` | Verified | the revision that was spoken; of a dual server the modern one |',
  '| `serverInfo` | Verified | `name` and `version` as the server gives them; empty when it does not |',
  '| `capabilities` | Verified | the object that the server declared |',
  '| `tools`, `prompts`, `resources`, `resourceTemplates` | Verified | how many there are |',
  '| `hash` | Verified | SHA-256 of the canonical JSON (RFC 8785) of tools, prompts, templates and instructions |',
  '| `definitions` | Verified | with `--definitions`: the four lists and `instructions`, as the server sent them |',
  '| `status`, `challenge` | AuthRequired | 401 or 403; whether the answer carried `WWW-Authenticate` |',
  '| `reason`, `message` | Failed | a reason of the condition Verified in [reasons.md](reasons.md), and a sentence |',
];

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => void (text += part) }).outputHelp();
  return text.trimEnd();
}
