/** The operator's flags as a running process, from start to exit code. */
import { EXIT_CODES } from '../cli/index.ts';
import { createLogger } from '../core/logger.ts';
import { loadSettings } from './config/load.ts';
import { createOperator } from './operator.ts';
import { exitOnEscapedErrors } from './runtime/index.ts';

/**
 * Runs until `signal` aborts, and then in order to the end.
 * @param flags the values of the flags that were given, by key; `config` names the file.
 * @returns the exit code.
 * @throws ConfigError when the settings make no sense.
 */
export async function runOperator(
  { config, ...flags }: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<number> {
  const settings = loadSettings(flags, config);
  const logger = createLogger({ level: settings.logLevel });
  exitOnEscapedErrors(logger);
  signal.addEventListener('abort', () => logger.info('stopping'), { once: true });
  const manager = await createOperator({ settings, environment: process.env, logger });
  try {
    await manager.run(signal);
    return EXIT_CODES.success.code;
  } catch (error) {
    logger.error('the operator failed', { error });
    return EXIT_CODES.failure.code;
  }
}
