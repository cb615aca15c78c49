/** How a probe's outcome is printed: counts and a hash for everyday use, the definitions themselves when asked for. */
import { showable, type ProbeOutcome, type ProbeTransport, type ServerDescription } from '../../mcp/index.ts';
import { exitCode } from '../exit-codes.ts';
import { printableJson, twoColumns, type OutputFormat } from '../output.ts';

/** An outcome and how it was reached. */
export interface ProbeResult {
  readonly transport: ProbeTransport;
  readonly outcome: ProbeOutcome;
}

/** @returns the text for standard output. */
export function formatResult(result: ProbeResult, format: OutputFormat, withDefinitions: boolean): string {
  if (format === 'json') return printableJson(jsonOf(result, withDefinitions));
  const { outcome, transport } = result;
  if (outcome.kind === 'verified') {
    return twoColumns(rowsOf(outcome.description, transport, withDefinitions));
  }
  if (outcome.kind === 'failed') {
    return twoColumns([
      ['OUTCOME', 'Failed'],
      ['REASON', outcome.reason],
      ['MESSAGE', outcome.message],
    ]);
  }
  return twoColumns([
    ['OUTCOME', 'AuthRequired'],
    ['MESSAGE', `the server answers HTTP ${outcome.status}: ${authAdvice(outcome.challenge)}`],
  ]);
}

/** A URL that cannot be asked is a mistake of the command line, not of a server. */
export function exitCodeOf(outcome: ProbeOutcome): number {
  if (outcome.kind === 'verified') return exitCode('success');
  if (outcome.kind === 'authRequired') return exitCode('authRequired');
  return exitCode(outcome.reason === 'InvalidTarget' ? 'usage' : 'failure');
}

function authAdvice(challenge: boolean): string {
  return challenge
    ? 'give a credential with --header-env or --header-file'
    : 'give a credential with --header-env or --header-file, or use a host name that the server accepts';
}

/** `tools`, `prompts`, `resources` and `resourceTemplates` are counts, as in the status of an MCPServer. */
function jsonOf({ outcome, transport }: ProbeResult, withDefinitions: boolean): unknown {
  if (outcome.kind === 'failed') {
    const { reason, message } = outcome;
    return { outcome: 'Failed', transport, reason, message };
  }
  if (outcome.kind === 'authRequired') {
    const { status, challenge } = outcome;
    return { outcome: 'AuthRequired', transport, status, challenge };
  }
  const { era, protocolVersion, serverInfo, capabilities, hash, ...definitions } = outcome.description;
  const { tools, prompts, resources, resourceTemplates } = definitions;
  return {
    outcome: 'Verified',
    transport,
    era,
    protocolVersion,
    serverInfo,
    capabilities,
    tools: tools.length,
    prompts: prompts.length,
    resources: resources.length,
    resourceTemplates: resourceTemplates.length,
    hash,
    ...(withDefinitions ? { definitions } : {}),
  };
}

function rowsOf(
  description: ServerDescription,
  transport: ProbeTransport,
  withDefinitions: boolean,
): (readonly [string, string])[] {
  const {
    era,
    protocolVersion,
    serverInfo,
    capabilities,
    tools,
    prompts,
    resources,
    resourceTemplates,
    hash,
  } = description;
  const server = [serverInfo.name, serverInfo.version].filter((part) => part !== '').join(' ');
  const names = Object.keys(capabilities).map(showable).toSorted();
  const rows: (readonly [string, string])[] = [
    ['OUTCOME', 'Verified'],
    ['SERVER', server === '' ? '(it does not say)' : server],
    ['ERA', era],
    ['PROTOCOL', protocolVersion],
    ['TRANSPORT', transport],
    ['CAPABILITIES', names.length === 0 ? '(none)' : names.join(', ')],
    ['TOOLS', String(tools.length)],
    ['PROMPTS', String(prompts.length)],
    ['RESOURCES', String(resources.length)],
    ['TEMPLATES', String(resourceTemplates.length)],
    ['HASH', hash],
  ];
  return withDefinitions ? [...rows, ...definitionRows(description)] : rows;
}

function definitionRows(description: ServerDescription): (readonly [string, string])[] {
  const { tools, prompts, resourceTemplates, resources } = description;
  const lists = { tool: tools, prompt: prompts, template: resourceTemplates, resource: resources };
  return Object.entries(lists).flatMap(([kind, list]) =>
    list.map(({ name }) => [kind, showable(name)] as const),
  );
}
