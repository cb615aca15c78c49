/**
 * `kilo-mcp probe URL`: what the operator asks a server, asked from a terminal. It goes wherever the person who runs it may go:
 * the address rules bind the operator, who acts for others, not its user.
 */
import { Command, Option } from 'commander';
import { probe, type ProbeTransport } from '../../mcp/index.ts';
import { OUTPUT_FORMATS, type Output, type OutputFormat } from '../output.ts';
import { addEndpointOptions } from './endpoint-options.ts';
import {
  headersFromEnvironment,
  headersFromFile,
  parseDuration,
  readFlagFile,
  type HeaderVariables,
} from './flags.ts';
import { exitCodeOf, formatResult, type ProbeResult } from './report.ts';

export interface ProbeCommandSettings {
  readonly version: string;
  readonly output: Output;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly done: (exitCode: number) => void;
}

interface ProbeFlags {
  readonly output: OutputFormat;
  readonly transport: ProbeTransport | 'auto';
  readonly timeout: number;
  readonly header?: Readonly<Record<string, string>>;
  readonly headerEnv?: HeaderVariables;
  readonly headerFile?: string;
  readonly caFile?: string;
  readonly connectAddress?: string;
  readonly definitions?: true;
}

export const probeExamples: readonly string[] = [
  '%s probe http://localhost:8080/mcp',
  '%s probe https://mcp.example.com/mcp --output json | jq .tools',
  '# A credential from the environment, which keeps it out of the process list and the history:',
  "AUTH='Bearer ...' %s probe https://mcp.example.com/mcp --header-env Authorization=AUTH",
  '# A server in the cluster, with its own CA, through a port-forward:',
  '%s probe https://mcp-github.team-a.svc:8080/mcp --connect-address 127.0.0.1 --ca-file ca.crt',
  '# Is it the deprecated transport?',
  '%s probe http://localhost:8080/sse --transport SSE',
];

export function probeCommand(settings: ProbeCommandSettings): Command {
  const command = new Command('probe')
    .description(
      'Open an MCP endpoint in whichever era it speaks, and print era, version, server, capabilities, counts of definitions and their hash. Calls no tool.',
    )
    .argument('<url>', 'the endpoint, with http:// or https://')
    .addOption(
      new Option('-o, --output <format>', 'Format of the result.').choices(OUTPUT_FORMATS).default('table'),
    )
    .addOption(
      new Option(
        '-t, --transport <type>',
        'How the server is spoken to; auto tries SSE where streamable HTTP gets an HTTP error.',
      )
        .choices(['auto', 'StreamableHTTP', 'SSE'])
        .default('auto'),
    )
    .addOption(
      new Option('--timeout <duration>', 'Time for all of it, such as 500ms, 10s or 1m.')
        .argParser(parseDuration)
        .default(10_000, '10s'),
    );
  return addEndpointOptions(command)
    .option('--definitions', 'Print the definitions too: all of them as JSON, their names in a table.')
    .action(async (url: string, flags: ProbeFlags) => {
      const result = await run(url, flags, settings);
      settings.output.result(formatResult(result, flags.output, flags.definitions ?? false));
      settings.done(exitCodeOf(result.outcome));
    });
}

async function run(url: string, flags: ProbeFlags, settings: ProbeCommandSettings): Promise<ProbeResult> {
  const headers = {
    ...(flags.headerFile === undefined ? {} : headersFromFile(flags.headerFile)),
    ...headersFromEnvironment(flags.headerEnv ?? {}, settings.environment),
    ...flags.header,
  };
  const { caFile, connectAddress } = flags;
  const target = {
    url,
    headers,
    ...(caFile === undefined ? {} : { ca: readFlagFile('--ca-file', caFile) }),
    ...(connectAddress === undefined ? {} : { connectAddress }),
  };
  const ask = async (transport: ProbeTransport): Promise<ProbeResult> => {
    const options = { timeoutMs: flags.timeout, clientInfo: { name: 'kilo-mcp', version: settings.version } };
    return { transport, outcome: await probe({ ...target, transport }, options, settings.signal) };
  };
  return flags.transport === 'auto' ? askEither(ask) : ask(flags.transport);
}

/** A server of the deprecated transport refuses the POST of the new one; if it is not that either, the first answer counts. */
async function askEither(ask: (transport: ProbeTransport) => Promise<ProbeResult>): Promise<ProbeResult> {
  const first = await ask('StreamableHTTP');
  if (first.outcome.kind !== 'failed' || first.outcome.reason !== 'HTTPError') return first;
  const second = await ask('SSE');
  return second.outcome.kind === 'failed' ? first : second;
}
