/** The flags of a role as a running process, from start to exit code. */
import { EXIT_CODES } from '../cli/index.ts';
import { createLogger } from '../core/logger.ts';
import { loadSettings } from './config/load.ts';
import { exitOnEscapedErrors, type Manager } from './runtime/index.ts';
import type { OperatorDependencies } from './shared.ts';

type Flags = Readonly<Record<string, string | undefined>>;

/**
 * Runs until `signal` aborts, and then in order to the end.
 * @param flags the values of the flags that were given, by key; `config` names the file.
 * @returns the exit code.
 * @throws ConfigError when the settings make no sense.
 */
export async function runOperator(flags: Flags, signal: AbortSignal): Promise<number> {
  const { createOperator } = await import('./operator.ts');
  return runProcess('operator', createOperator, flags, signal);
}

/** The same for the executor. @throws ConfigError when the settings make no sense, or name no store that two processes can share. */
export async function runExecutor(flags: Flags, signal: AbortSignal): Promise<number> {
  const { createExecutorProcess } = await import('./executor.ts');
  return runProcess('executor', createExecutorProcess, flags, signal);
}

async function runProcess(
  name: string,
  create: (dependencies: OperatorDependencies) => Promise<Manager>,
  { config, ...flags }: Flags,
  signal: AbortSignal,
): Promise<number> {
  const settings = loadSettings(flags, config);
  const logger = createLogger({ level: settings.logLevel });
  exitOnEscapedErrors(logger);
  signal.addEventListener('abort', () => logger.info('stopping'), { once: true });
  const manager = await create({ settings, environment: process.env, logger });
  try {
    await manager.run(signal);
    return EXIT_CODES.success.code;
  } catch (error) {
    logger.error(`the ${name} failed`, { error });
    return EXIT_CODES.failure.code;
  }
}
