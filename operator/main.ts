/** The program: the one place that hands roles to the command line and the exit code to the process. */
import { programName, runProgram } from '../cli/index.ts';
import { silentLogger } from '../core/logger.ts';
import { executorRole } from './executor-role.ts';
import { operatorRole } from './operator-role.ts';
// Not by its index, which brings the whole runtime along.
import { terminationSignal } from './runtime/manager/process.ts';
import { VERSION } from './version.ts';

/** A command that has ended must not live on in a socket or a timer that somebody left behind: a lost leader least of all. */
const LAST_MOMENT_MS = 1_000;

// The reader of a pipe may go before the end, as `head` does: nobody wants the rest.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

const exitCode = await runProgram(process.argv.slice(2), {
  version: VERSION,
  roles: [operatorRole, executorRole],
  openLedger: async (location) => (await import('./open-history.ts')).openLedger(location),
  openHistory: async ({ configFile }) => (await import('./open-history.ts')).openHistory(configFile),
  name: programName(process.argv[1]),
  environment: process.env,
  signal: terminationSignal(silentLogger),
});
process.exitCode = exitCode;
setTimeout(() => process.exit(exitCode), LAST_MOMENT_MS).unref();
