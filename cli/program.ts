/**
 * `kilo-mcp`: one executable, its subcommands, its help. Builds the commands and runs them to an exit code; it never ends the
 * process, so that tests and the composition root decide what follows.
 */
import type { Readable } from 'node:stream';
import { Command, CommanderError } from 'commander';
import { ConfigError, errorMessage } from '../core/errors.ts';
import { openCluster, type OpenCluster } from './approval/cluster.ts';
import { approvalCommands } from './approval/command.ts';
import { checkCommand, checkExamples } from './check/command.ts';
import { EXIT_CODES, exitCode } from './exit-codes.ts';
import { ledgerCommand, ledgerExamples } from './ledger/command.ts';
import type { OpenLedger } from './ledger/ledger.ts';
import { lintCommand, lintExamples } from './lint/command.ts';
import { processOutput, type Output } from './output.ts';
import { probeCommand, probeExamples } from './probe/command.ts';
import { reportCommand, reportExamples } from './report/command.ts';
import type { OpenHistory } from './report/history.ts';
import { roleCommand, type Role } from './role.ts';
import { versionCommand } from './version.ts';

export interface ProgramSettings {
  /** The version of the product. */
  readonly version: string;
  /** What long-running subcommands there are. */
  readonly roles: readonly Role[];
  /** How the program is called: `kilo-mcp`, or `kubectl mcp`. See {@link programName}. */
  readonly name?: string;
  readonly output?: Output;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** What a command reads where it is told to read standard input. */
  readonly input?: () => Readable;
  /** Opens history for `report`, which is there only with it. */
  readonly openHistory?: OpenHistory;
  /** Opens the ledger for `ledger`, which is there only with it. */
  readonly openLedger?: OpenLedger;
  /** Reaches a cluster, for the commands about approval; by the kubeconfig when absent. */
  readonly openCluster?: OpenCluster;
  /** Asks the running command to stop. */
  readonly signal?: AbortSignal;
}

/** A program ready to parse; `exitCode` tells how the command ended, once it has. */
export interface Program {
  readonly command: Command;
  readonly exitCode: () => number;
}

/**
 * Builds the program.
 *
 * @example
 * const program = createProgram({ version: '0.1.0', roles: [] });
 * await program.command.parseAsync(['probe', 'http://localhost:8080/mcp'], { from: 'user' });
 * process.exitCode = program.exitCode();
 */
export function createProgram(settings: ProgramSettings): Program {
  const { version, roles, name = 'kilo-mcp', output = processOutput, input = () => process.stdin } = settings;
  const signal = settings.signal ?? new AbortController().signal;
  const environment = settings.environment ?? {};
  let code = exitCode('success');
  const done = (result: number): void => void (code = result);

  const command = new Command(name)
    .description('Runs, verifies and examines servers of the Model Context Protocol.')
    .version(version, '--version', 'Print the version.')
    .helpOption('-h, --help', 'Print this help.')
    .helpCommand('help [command]', 'Print the help of a command.')
    // What follows the name of a command is the command's, though one above has an option of the same name.
    .enablePositionalOptions()
    .configureHelp({ helpWidth: 100, showGlobalOptions: false });
  for (const role of roles) add(command, roleCommand(role, signal, done), role.examples);
  add(command, probeCommand({ output, environment, signal, done, version }), probeExamples);
  add(command, checkCommand({ output, environment, signal, done, version }), checkExamples);
  add(command, lintCommand({ version, output, input, signal, done }), lintExamples);
  const { openHistory, openLedger } = settings;
  if (openHistory !== undefined) {
    const now = (): Date => new Date();
    add(command, reportCommand({ output, openHistory, now, done }), reportExamples);
  }
  if (openLedger !== undefined)
    add(command, ledgerCommand({ output, openLedger, environment, signal, done }), ledgerExamples);
  const cluster = { openCluster: settings.openCluster ?? openCluster, environment, version };
  for (const each of approvalCommands({ ...cluster, output, input, signal, done, openLedger }))
    add(command, each.command, each.examples);
  add(command, versionCommand(version, output), ['%s version --output json']);
  command.addHelpText('after', `\nExit codes:\n${exitCodeHelp()}`);
  return { command, exitCode: () => code };
}

/**
 * Parses `argv` (without the interpreter and the script) and runs the command.
 * @returns the exit code; errors have been written to the output.
 */
export async function runProgram(argv: readonly string[], settings: ProgramSettings): Promise<number> {
  const output = settings.output ?? processOutput;
  const program = createProgram(settings);
  redirect(program.command, output);
  try {
    await program.command.parseAsync(argv, { from: 'user' });
    return program.exitCode();
  } catch (error) {
    return report(error, output, settings.signal);
  }
}

/** What to call the program in its own help: `kubectl` runs a plugin `kubectl-mcp` as `kubectl mcp`. */
export function programName(scriptPath: string | undefined): string {
  return /(^|[/\\])kubectl-mcp(\.js)?$/.test(scriptPath ?? '') ? 'kubectl mcp' : 'kilo-mcp';
}

function add(program: Command, command: Command, examples: readonly string[]): void {
  const lines = examples.map((example) => `  ${example.replaceAll('%s', program.name())}`);
  command.addHelpText('after', `\nExamples:\n${lines.join('\n')}`);
  command.helpOption('-h, --help', 'Print this help.').configureHelp({ helpWidth: 100 });
  program.addCommand(command);
}

function redirect(command: Command, output: Output): void {
  for (const each of command.commands) redirect(each, output);
  command.exitOverride().configureOutput({
    writeOut: (text) => output.result(text.trimEnd()),
    writeErr: (text) => output.note(text.trimEnd()),
  });
}

function report(error: unknown, output: Output, signal: AbortSignal | undefined): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode('success') : exitCode('usage');
  if (signal?.aborted === true) return exitCode('interrupted');
  output.note(`error: ${errorMessage(error)}`);
  return error instanceof ConfigError ? exitCode('usage') : exitCode('failure');
}

function exitCodeHelp(): string {
  return Object.values(EXIT_CODES)
    .map(({ code, meaning }) => `  ${String(code).padEnd(4)} ${meaning.replaceAll('`', '')}`)
    .join('\n');
}
