/**
 * `make demo`, `make demo-approval` and `make demo-down`: from a clean clone to verified MCP servers on a real Kubernetes, people who approve of
 * changes to them, and back. Which cluster is decided in `choice.ts`. Ends with 0 only when everything was as promised.
 */
import { errorMessage } from '../../core/errors.ts';
import { systemClock } from '../../core/clock.ts';
import { streamReporter } from '../cluster/index.ts';
import { runApprovalDemo } from './approval/story.ts';
import { cleanUpCommand } from './choice.ts';
import { findCluster } from './clusters/find.ts';
import { cleanUp } from './clean-up.ts';
import type { Print } from './stages.ts';
import { runDemo } from './story.ts';

/** A cold start builds Kubernetes from source; nothing takes longer than this. */
const DEADLINE_MS = 30 * 60_000;

const report = streamReporter(process.stdout);
const print: Print = (text) => process.stdout.write(`${text}\n`);

async function main(command: string | undefined, signal: AbortSignal): Promise<void> {
  const cluster = await findCluster(process.env);
  const demo = { cluster, cleanUp: cleanUpCommand(process.env), print, report, clock: systemClock, signal };
  if (command === 'up') return runDemo(demo);
  if (command === 'approval') return runApprovalDemo(demo);
  if (command === 'down') return cleanUp(cluster, print, signal);
  throw new Error('usage: node hack/demo/main.ts up|approval|down');
}

const interrupted = new AbortController();
process.once('SIGINT', () => interrupted.abort(new Error('interrupted')));
try {
  await main(process.argv[2], AbortSignal.any([interrupted.signal, AbortSignal.timeout(DEADLINE_MS)]));
} catch (error) {
  process.stderr.write(`\ndemo: ${errorMessage(error)}\n`);
  process.exitCode = 1;
}
