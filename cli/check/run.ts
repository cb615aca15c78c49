/** Runs `check`: opens the endpoint, evaluates the profile, prints, and says how it ended. */
import { randomUUID } from 'node:crypto';
import { Conversation, evaluate, gather, type Declared, type Openings } from '../../checks/engine/index.ts';
import type { RunRecord, ServerResult } from '../../checks/engine/record.ts';
import { CHECKS } from '../../checks/registry.ts';
import { ConfigError } from '../../core/errors.ts';
import { createAddressPolicy, ProbeStop, type ProbeTarget } from '../../mcp/index.ts';
import type { Output } from '../output.ts';
import { headersFromEnvironment, headersFromFile, readFlagFile } from '../probe/flags.ts';
import { chooseProfile, type ChosenProfile } from './profile.ts';
import { exitCodeOf, formatCheck } from './report.ts';
import type { CheckCommandSettings, CheckFlags, CheckResult } from './types.ts';

/**
 * @returns the exit code.
 * @throws ConfigError when a flag, a file or the URL cannot be used, and the reason of the signal.
 */
export async function runCheckCommand(
  url: string,
  flags: CheckFlags,
  settings: CheckCommandSettings,
): Promise<number> {
  const profile = chooseProfile(flags.profile);
  const { output } = settings;
  if (flags.profile !== undefined && profile.leftOut.length > 0) {
    output.note(`not run, since they judge objects of a cluster: ${profile.leftOut.join(', ')}`);
  }
  const checked = await checkEndpoint(url, profile, flags, settings);
  output.result(formatCheck(checked, flags.output, flags.all ?? false));
  return exitCodeOf(checked, flags);
}

async function checkEndpoint(
  url: string,
  profile: ChosenProfile,
  flags: CheckFlags,
  settings: CheckCommandSettings,
): Promise<CheckResult> {
  const { signal, output, version } = settings;
  const startedAt = new Date().toISOString();
  const conversation = openConversation(url, flags, settings);
  const { declared } = conversation.settings;
  let openings: Openings = {};
  try {
    output.progress?.('opening the server');
    openings = await gather(conversation, signal);
    const server = serverOf(declared.url);
    const result = await evaluate(
      { server, declared, openings, conversation, replicas: [] },
      {
        checks: CHECKS,
        profile: profile.checks,
        controls: profile.controls,
        tool: { name: 'kilo-mcp', version },
        onCheck: progressOf(profile.checks.length, output),
      },
      signal,
    );
    return { run: runOf(profile, result, startedAt, version), result, openings };
  } finally {
    output.progress?.('');
    await conversation.close(Object.values(openings));
  }
}

function progressOf(total: number, output: Output): (checkId: string) => void {
  let done = 0;
  return (checkId) => {
    done += 1;
    output.progress?.(`[${done}/${total}] ${checkId}`);
  };
}

/** @throws ConfigError when the URL, a header or the CA cannot be used. */
function openConversation(url: string, flags: CheckFlags, settings: CheckCommandSettings): Conversation {
  const target = targetOf(url, flags, settings);
  // Loopback and private addresses are where people develop; metadata services are never what they mean.
  const allowed = ['127.0.0.0/8', '::1'];
  const policy = flags.allowLinkLocal ? {} : { addressPolicy: createAddressPolicy({ refused: [], allowed }) };
  try {
    return new Conversation({
      target,
      declared: declaredOf(target, flags),
      replicas: [],
      clientInfo: { name: 'kilo-mcp', version: settings.version },
      options: { callTimeoutMs: flags.timeout, ...policy },
    });
  } catch (error) {
    if (error instanceof ProbeStop) throw new ConfigError(error.message, { cause: error });
    throw error;
  }
}

function targetOf(url: string, flags: CheckFlags, { environment }: CheckCommandSettings): ProbeTarget {
  const { caFile, connectAddress, transport } = flags;
  const headers = {
    ...(flags.headerFile === undefined ? {} : headersFromFile(flags.headerFile)),
    ...headersFromEnvironment(flags.headerEnv ?? {}, environment),
    ...flags.header,
  };
  return {
    url,
    transport,
    headers,
    ...(caFile === undefined ? {} : { ca: readFlagFile('--ca-file', caFile) }),
    ...(connectAddress === undefined ? {} : { connectAddress }),
  };
}

/** Who may reach the endpoint is not to be seen from a URL, so only what the flags say is held against it. */
function declaredOf({ url, transport, headers = {} }: ProbeTarget, flags: CheckFlags): Declared {
  const { audience, baselineHash, issuer, authRequired } = flags;
  return {
    source: 'url',
    transport,
    url,
    authRequired: authRequired ?? false,
    exposed: false,
    issuers: issuer,
    hasCredential: Object.keys(headers).length > 0,
    ...(audience !== undefined && { audience }),
    ...(baselineHash !== undefined && { baselineHash }),
  };
}

/** The URL without its query, which may hold anything. */
function serverOf(text: string): ServerResult['server'] {
  const { host, origin, pathname } = new URL(text);
  return { namespace: '', name: host, uid: `${origin}${pathname}` };
}

function runOf(profile: ChosenProfile, result: ServerResult, startedAt: string, version: string): RunRecord {
  const { score, coverage } = result;
  return {
    id: randomUUID(),
    profile: { name: profile.name, hash: profile.hash },
    trigger: 'CommandLine',
    tool: { name: 'kilo-mcp', version },
    startedAt,
    finishedAt: new Date().toISOString(),
    ...(score !== undefined && { score }),
    ...(coverage !== undefined && { coverage }),
  };
}
