/**
 * `kilo-mcp check URL`: the protocol and security checks of the catalogue against one endpoint, from wherever it can be reached. The same
 * engine as the operator's, without a cluster and without a store. It goes where the person who runs it may go, but to no link-local address
 * unless told to: a URL from a stranger must not make it read the metadata service of a cloud.
 */
import { Command, Option } from 'commander';
import { append } from '../lint/flags.ts';
import { addEndpointOptions } from '../probe/endpoint-options.ts';
import { parseDuration } from '../probe/flags.ts';
import { CHECK_FORMATS, FAIL_ON_SEVERITIES, parsePercent } from './flags.ts';
import type { CheckCommandSettings, CheckFlags } from './types.ts';

export const checkExamples: readonly string[] = [
  '%s check http://localhost:8080/mcp',
  '# In CI: any failure of severity high or worse, or a score below 90, ends with exit code 4.',
  '%s check https://mcp.example.com/mcp --fail-on high --min-score 90 --output sarif > check.sarif',
  '# A server that must ask for credentials, with one from the environment:',
  "AUTH='Bearer ...' %s check https://mcp.example.com/mcp --auth-required --header-env Authorization=AUTH",
  '%s check http://localhost:8080/mcp --output json | jq .score',
];

export function checkCommand(settings: CheckCommandSettings): Command {
  const command = new Command('check')
    .description(
      'Put an MCP endpoint through the protocol and security checks of the catalogue, and print score, coverage and findings. Passive: it discovers, lists and sends requests that must be refused, and calls no tool.',
    )
    .argument('<url>', 'the endpoint, with http:// or https://');
  addTargetOptions(addJudgementOptions(command));
  return command.action(async (url: string, flags: CheckFlags) => {
    // The catalogue with its schemas is nothing that the other commands should load.
    const { runCheckCommand } = await import('./run.ts');
    settings.done(await runCheckCommand(url, flags, settings));
  });
}

function addJudgementOptions(command: Command): Command {
  return command
    .addOption(
      new Option('-o, --output <format>', 'Format of the result.').choices(CHECK_FORMATS).default('table'),
    )
    .option('-p, --profile <file>', 'Run the checks of this ComplianceProfile (families P and S).')
    .addOption(
      new Option('--fail-on <severity>', 'The least severity of a failure that ends with exit code 4.')
        .choices(FAIL_ON_SEVERITIES)
        .default('low'),
    )
    .option('--min-score <percent>', 'A lower score ends with exit code 4.', parsePercent, 0)
    .option('--min-coverage <percent>', 'A lower coverage ends with exit code 4.', parsePercent, 0)
    .option('--all', 'List what passed and what does not apply too.')
    .option('--auth-required', 'The server must refuse who brings no credentials.')
    .option('--audience <uri>', 'What tokens for the server must name as audience.')
    .option(
      '--issuer <url>',
      'An authorization server whose metadata may be fetched; may be repeated. No other host is asked.',
      append,
      [],
    )
    .option('--baseline-hash <sha256>', 'The hash of definitions that was accepted, as `probe` prints it.');
}

function addTargetOptions(command: Command): Command {
  const withTimes = command
    .addOption(
      new Option('-t, --transport <type>', 'How the server is spoken to; SSE is deprecated.')
        .choices(['StreamableHTTP', 'SSE'])
        .default('StreamableHTTP'),
    )
    .addOption(
      new Option('--timeout <duration>', 'Time for each request, such as 500ms or 5s.')
        .argParser(parseDuration)
        .default(5_000, '5s'),
    );
  return addEndpointOptions(withTimes).option(
    '--allow-link-local',
    'Also reach link-local, metadata and reserved addresses.',
  );
}
