/** What checks with mode Remediate found at a server, for whoever asks for its repair. */
import type { MCPServer } from '../../api/index.ts';
import { keyOf, watchMapped, type Change, type Informer, type Watch } from '../../operator/runtime/index.ts';
import { uidOf, type AnyCheck } from './kinds.ts';
import type { Runs } from './runs.ts';
import type { Servers } from './servers.ts';
import { specChanged } from './watches.ts';

/** @see module header */
export interface RemediableFindings {
  /** Ids of checks of the catalogue that the server failed when it was looked at last, and that no waiver covers. */
  failuresOf(server: MCPServer): readonly string[];
  /** Name the servers of which there is news. */
  readonly watches: readonly Watch[];
}

export interface RemediableDependencies {
  readonly servers: Informer<MCPServer>;
  readonly kinds: readonly Informer<AnyCheck>[];
  readonly scope: Servers;
  readonly runs: Pick<Runs, 'known' | 'serverWatch'>;
  readonly checks: () => readonly AnyCheck[];
}

export function remediableFindings({
  servers,
  kinds,
  scope,
  runs,
  checks,
}: RemediableDependencies): RemediableFindings {
  return {
    failuresOf: (server) => {
      const failures = checks()
        .filter((check) => isRemediating(check) && scope.isCovered(check, server))
        .flatMap((check) => runs.known(uidOf(check))?.summaries.get(uidOf(server))?.findings ?? [])
        .filter(({ outcome }) => outcome === 'Fail')
        .map(({ check }) => check);
      return [...new Set(failures)].toSorted();
    },
    watches: [
      runs.serverWatch(),
      watchMapped(servers, (server) => [keyOf(server)], isOtherGeneration),
      ...kinds.map((informer) =>
        watchMapped(
          informer,
          (check) => scope.coveredBy(check).map(({ server }) => keyOf(server)),
          specChanged,
        ),
      ),
    ],
  };
}

function isRemediating({ metadata, spec }: AnyCheck): boolean {
  return spec.mode === 'Remediate' && !spec.suspend && metadata.deletionTimestamp === undefined;
}

function isOtherGeneration(change: Change<MCPServer>): boolean {
  return (
    change.kind !== 'update' || change.object.metadata.generation !== change.previous.metadata.generation
  );
}
