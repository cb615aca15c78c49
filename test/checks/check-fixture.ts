/** One server that a check is tried on, as data: what the tests run and the table in the documentation lists. */
import type { Outcome } from '../../checks/engine/outcome.ts';
import type { Era } from '../../mcp/index.ts';
import type { FixtureServerOptions } from '../fixtures/mcp-server/index.ts';

export interface CheckFixture {
  /** Id of the check. */
  readonly check: string;
  /** What is special about the server, in a few words; unique for its check. */
  readonly fixture: string;
  readonly kind: 'conforming' | 'violating' | 'crashing';
  /** In which eras it is tried, one run for each. */
  readonly eras: readonly Era[];
  /** A function where the server keeps state between requests: it is called for each run. */
  readonly server: FixtureServerOptions | (() => FixtureServerOptions);
  readonly expected: Outcome;
  /** What the profile sets for the check. */
  readonly parameters?: Readonly<Record<string, unknown>>;
}
