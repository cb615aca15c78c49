/**
 * A real Kubernetes on this machine, on the command line: what `make cluster-up` and its neighbours call.
 */
import { parseArgs } from 'node:util';
import { ConfigError, TerminalError, errorMessage } from '../../core/errors.ts';
import { systemClock } from '../../core/clock.ts';
import { ensurePrograms, kubernetesVersion, parseProgramName } from './binaries/index.ts';
import { takeDown } from './down.ts';
import { CommandError } from './exec.ts';
import { buildImage } from './images/build.ts';
import { loadImage } from './images/load.ts';
import { instance, parseInstanceNumber, type Instance } from './instance.ts';
import { nodePaths } from './node/settings.ts';
import { seconds, streamReporter } from './report.ts';
import { readState } from './state.ts';
import { bringUp, brokenParts, kubeconfigPath } from './up.ts';

const HELP = `Usage: npx node hack/cluster/main.ts COMMAND [options]

  up                    start a cluster, or find it running
  down                  stop it
  status                say what runs; ends with 1 unless all of it does
  load IMAGE            bring an image (a tag, or the path of an archive) to the node
  image --tag TAG       build an image; --file and --context default to Dockerfile and .
  path PROGRAM          print the path of kubectl, helm, etcd, ... getting it first when needed

Options:
  --instance N          one of 16 clusters that run side by side (CLUSTER_INSTANCE, default 0)
  --directory DIR       where its files are kept (CLUSTER_DIRECTORY, default .cluster or .cluster/N)
  --version V           of Kubernetes (KUBERNETES_VERSION)
  --control-plane-only  no node, although this is root on Linux
  --audit               let the API server write logs/audit.log
  --build-arg NAME=VALUE

Environment:
  KILO_MCP_BINARIES     a directory whose programs are used before any others
  BASE                  base image of images to build
`;

const report = streamReporter(process.stderr);

type Values = ReturnType<typeof parse>['values'];
type Command = (values: Values, argument: string | undefined) => Promise<void>;

const COMMANDS: Readonly<Record<string, Command>> = { up, down, status, load, image, path };

function parse() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        instance: { type: 'string' },
        directory: { type: 'string' },
        version: { type: 'string' },
        'control-plane-only': { type: 'boolean', default: false },
        audit: { type: 'boolean', default: false },
        context: { type: 'string', default: '.' },
        file: { type: 'string', default: 'Dockerfile' },
        tag: { type: 'string' },
        'build-arg': { type: 'string', multiple: true, default: [] },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (cause) {
    throw new ConfigError(`${errorMessage(cause)}; --help lists the options`, { cause });
  }
}

async function main(): Promise<void> {
  const { values, positionals } = parse();
  const [name = '', argument] = positionals;
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (values.help || command === undefined) {
    process.stdout.write(HELP);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  await command(values, argument);
}

function chosenCluster(values: Values): Instance {
  const number = parseInstanceNumber(values.instance ?? process.env['CLUSTER_INSTANCE']);
  const directory = values.directory ?? process.env['CLUSTER_DIRECTORY'] ?? '';
  return instance(number, directory === '' ? undefined : directory);
}

async function up(values: Values): Promise<void> {
  const cluster = chosenCluster(values);
  const started = systemClock.monotonicMs();
  const isRootOnLinux = process.platform === 'linux' && process.getuid?.() === 0;
  const withNode = isRootOnLinux && !values['control-plane-only'];
  const version = kubernetesVersion(values.version);
  report.note(`Kubernetes ${version} in ${cluster.directory}${withNode ? '' : ', control plane only'}`);
  if (!isRootOnLinux)
    report.note('A node, and with it pods, needs root on Linux: run this as root to have one.');
  const interrupt = new AbortController();
  process.once('SIGINT', () => interrupt.abort(new ConfigError('interrupted')));
  const options = { cluster, kubernetesVersion: version, withNode, audit: values.audit, report };
  const result = await bringUp({ ...options, signal: interrupt.signal });
  report.note(`${result} (${seconds(systemClock.monotonicMs() - started)})`);
  report.note(`export KUBECONFIG=${kubeconfigPath(cluster)}`);
}

async function down(values: Values): Promise<void> {
  const cluster = chosenCluster(values);
  const wasThere = await takeDown(cluster, report);
  if (!wasThere) report.note(`no cluster in ${cluster.directory}`);
}

async function status(values: Values): Promise<void> {
  const cluster = chosenCluster(values);
  const state = await readState(cluster);
  const broken = state === undefined ? undefined : await brokenParts(cluster, state);
  if (state === undefined || broken === undefined) {
    report.note(`no cluster in ${cluster.directory}`);
  } else {
    const text = broken.length === 0 ? 'running' : `not running: ${broken.join(', ')}`;
    report.note(`Kubernetes ${state.kubernetesVersion} in ${cluster.directory}: ${text}`);
  }
  if (broken?.length !== 0) process.exitCode = 1;
}

async function load(values: Values, tag: string | undefined): Promise<void> {
  if (tag === undefined) throw new ConfigError('name an image: load IMAGE');
  const cluster = chosenCluster(values);
  const state = await readState(cluster);
  if (state?.hasNode !== true)
    throw new ConfigError(`no cluster with a node in ${cluster.directory}: run make cluster-up as root`);
  await report.step(`loading ${tag}`, () => loadImage(nodePaths(cluster).containerdSocket, tag));
}

async function image(values: Values): Promise<void> {
  if (values.tag === undefined) throw new ConfigError('name the image: --tag TAG');
  const request = { context: values.context, dockerfile: values.file, tag: values.tag };
  await buildImage({ ...request, buildArguments: parsePairs(values['build-arg']) }, report);
}

function parsePairs(pairs: readonly string[]): Readonly<Record<string, string>> {
  const split = pairs.map((pair) => {
    const [, name, value] = /^([^=]+)=(.*)$/s.exec(pair) ?? [];
    if (name === undefined) throw new ConfigError(`--build-arg ${pair}: write NAME=VALUE`);
    return [name, value];
  });
  return Object.fromEntries(split);
}

async function path(values: Values, name: string | undefined): Promise<void> {
  const wanted = parseProgramName(name ?? '');
  const programs = await ensurePrograms([wanted], { version: values.version, report });
  process.stdout.write(`${programs[wanted]}\n`);
}

/** What was foreseen is a sentence; for the rest, where it happened matters. */
function describe(error: unknown): string {
  const kinds = [ConfigError, TerminalError, CommandError];
  if (!(error instanceof Error) || kinds.some((kind) => error instanceof kind)) return errorMessage(error);
  return error.stack ?? error.message;
}

try {
  await main();
} catch (error) {
  report.note(describe(error));
  process.exitCode = 1;
}
