/** Takes the results of checks out of reports when the check is gone, or no longer covers the server. */
import { errorMessage } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import { ownerName } from '../../reports/index.ts';
import type { ReportPublisher } from '../compliancereport/index.ts';
import { ownerOf, uidOf, type AnyCheck } from './kinds.ts';
import type { Servers } from './servers.ts';

export interface ReportSweepOptions {
  readonly publisher: Pick<ReportPublisher, 'sweep'>;
  /** Every check of both kinds. */
  readonly checks: () => readonly AnyCheck[];
  readonly servers: Pick<Servers, 'coveredBy'>;
  readonly logger: Logger;
}

/** @returns what sweeps once. What the API server refuses is logged: the next full run sweeps again. */
export function createReportSweep(options: ReportSweepOptions): (signal: AbortSignal) => Promise<void> {
  const { publisher, checks, servers, logger } = options;
  return async (signal) => {
    const wanted = new Map(
      checks().map((check) => [
        ownerName(ownerOf(check)),
        new Set(servers.coveredBy(check).map(({ server }) => uidOf(server))),
      ]),
    );
    try {
      await publisher.sweep((owner, serverUid) => wanted.get(owner)?.has(serverUid) === true, signal);
    } catch (error) {
      signal.throwIfAborted();
      logger.warn('reports could not be swept', { error: errorMessage(error) });
    }
  };
}
