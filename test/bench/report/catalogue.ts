/**
 * Every figure of the benchmark: what it is called in results, what it means, its unit, and what it should be. Targets are those the
 * project has set itself; where one depends on the number of servers it is a function of that.
 */

/** How a figure is judged. */
export type Target =
  | { readonly atMost: number; readonly aim?: true }
  | { readonly atLeast: number; readonly aim?: true }
  /** Reported only: it depends on the machine. */
  | undefined;

// An aim depends on the machine: it is shown, and missing it fails nothing. The multiples of a floor of the same run are the targets.

/** One row of the table. */
export interface Figure {
  readonly title: string;
  readonly unit: string;
  /** Digits after the point in the table. */
  readonly digits: number;
  readonly target: (servers: number) => Target;
}

const atMost = (limit: number) => (): Target => ({ atMost: limit });
const aimAtMost = (limit: number) => (): Target => ({ atMost: limit, aim: true });
const reported = (): Target => undefined;

/** Children of a server with an image and one replica: ServiceAccount, NetworkPolicy, Service, Deployment. */
const CHILDREN = 4;

export const FIGURES = {
  bundleMiB: figure('size of the bundle', 'MiB', 2, reported),
  coldStartMs: figure('process start until ready, nothing to do', 'ms', 0, atMost(2_000)),
  burstSeconds: figure('create burst until every server is current', 's', 1, reported),
  burstServersPerSecond: figure('servers brought up per second', '1/s', 0, () => ({
    atLeast: 100,
    aim: true,
  })),
  floorServersPerSecond: figure('the same objects written by a plain client', '1/s', 0, reported),
  burstToFloor: figure('create burst, as a multiple of the plain client', 'x', 2, atMost(1.5)),
  pendingWritesPerServer: figure(
    'writes a server until it is current, pods pending',
    '',
    3,
    atMost(CHILDREN + 1),
  ),
  readsPerServer: figure('reads a server in the burst', '', 3, atMost(0.01)),
  conflicts: figure('answers with 409 from first to last', '', 0, atMost(0)),
  eventsPerServer: figure('Event objects written a server until Ready', '', 2, reported),
  readyWritesPerServer: figure('further writes a server until Ready', '', 3, atMost(3)),
  readySeconds: figure('pods ready until every server is Ready', 's', 1, reported),
  idlePendingWrites: figure('writes in an idle minute, pods pending', '', 0, atMost(0)),
  idlePendingCpuSeconds: figure('CPU in an idle minute, pods pending', 's', 2, atMost(0.3)),
  idleReadyWrites: figure('writes in an idle minute, all Ready', '', 0, atMost(0)),
  idleReadyCpuSeconds: figure('CPU in an idle minute, all Ready', 's', 2, atMost(0.3)),
  editP50Ms: figure('edit to child, median', 'ms', 1, aimAtMost(10)),
  editP99Ms: figure('edit to child, 99th percentile', 'ms', 1, aimAtMost(30)),
  editFloorP50Ms: figure('two dependent writes of a plain client, median', 'ms', 1, reported),
  editToFloor: figure('edit to child, as a multiple of two dependent writes', 'x', 2, atMost(2.5)),
  deletedChildP50Ms: figure('deleted child back, median', 'ms', 1, aimAtMost(20)),
  deletedChildP99Ms: figure('deleted child back, 99th percentile', 'ms', 1, aimAtMost(100)),
  restartWrites: figure('writes after a restart with nothing changed', '', 0, atMost(0)),
  restartQuietSeconds: figure('restart with nothing changed until quiet', 's', 1, (servers) => ({
    atMost: servers <= 1_000 ? 4 : 4 + ((servers - 1_000) * 21) / 9_000,
  })),
  startupEditP50Ms: figure("a user's edit while all servers come up, median", 'ms', 0, reported),
  startupEditP99Ms: figure(
    "a user's edit while all servers come up, 99th percentile",
    'ms',
    0,
    atMost(1_000),
  ),
  rssEmptyMiB: figure('resident memory, no server', 'MiB', 0, atMost(120)),
  rssPeakMiB: figure('resident memory, peak', 'MiB', 0, (servers) => limitUpTo(servers, [[1_000, 180]])),
  rssSettledMiB: figure('resident memory, settled', 'MiB', 0, (servers) =>
    limitUpTo(servers, [
      [1_000, 150],
      [5_000, 220],
      [10_000, 280],
    ]),
  ),
  loopLagP99Ms: figure('event loop lag, 99th percentile', 'ms', 1, atMost(20)),
  connections: figure('connections to the API server, most at once', '', 0, atMost(40)),
  listsPerKind: figure('lists of a kind in the life of a process, most', '', 0, atMost(1)),
  watchesPerKind: figure('watches of a kind before the first ends by itself, most', '', 0, atMost(1)),
  failoverKillSeconds: figure('kill -9 of the leader until its successor acts', 's', 1, atMost(20)),
  failoverGracefulSeconds: figure('SIGTERM to the leader until its successor acts', 's', 1, atMost(3)),
  admissionAllowAllP50AddedMs: figure(
    'what a webhook that allows everything adds to a create, median',
    'ms',
    1,
    reported,
  ),
  admissionAllowAllP99AddedMs: figure(
    'what a webhook that allows everything adds to a create, 99th percentile',
    'ms',
    1,
    reported,
  ),
  admissionOneP50AddedMs: figure('what admission adds to a create, 1 policy, median', 'ms', 1, aimAtMost(3)),
  admissionOneP99AddedMs: figure(
    'what admission adds to a create, 1 policy, 99th percentile',
    'ms',
    1,
    aimAtMost(15),
  ),
  admissionOneP99ToAllowAll: figure(
    'a create, 1 policy, 99th percentile, as a multiple of a webhook that allows everything',
    'x',
    2,
    atMost(1.3),
  ),
  admissionFiftyP50AddedMs: figure(
    'what admission adds to a create, 50 policies, median',
    'ms',
    1,
    aimAtMost(3),
  ),
  admissionFiftyP99AddedMs: figure(
    'what admission adds to a create, 50 policies, 99th percentile',
    'ms',
    1,
    aimAtMost(15),
  ),
  admissionFiftyP99ToAllowAll: figure(
    'a create, 50 policies, 99th percentile, as a multiple of a webhook that allows everything',
    'x',
    2,
    atMost(1.3),
  ),
  admissionAllowAllCpuMs: figure('CPU of a webhook that allows everything for a create', 'ms', 2, reported),
  admissionOneCpuMs: figure('CPU of the webhooks for a create, 1 policy', 'ms', 2, reported),
  admissionFiftyCpuMs: figure('CPU of the webhooks for a create, 50 policies', 'ms', 2, reported),
  admissionFiftyRssMiB: figure('resident memory of the webhooks alone, 50 policies', 'MiB', 0, reported),
  admissionRotations: figure('certificates replaced while servers are created', '', 0, reported),
  textFalsePositives: figure('honest tools that a check on text doubts, the worst check', '%', 2, atMost(1)),
  textPrecision: figure('precision of the checks on text over the corpus, the worst check', '%', 1, reported),
  textRecall: figure('recall of the checks on text over the corpus, the worst check', '%', 1, reported),
  admissionFailures: figure('creates that failed, then and before', '', 0, atMost(0)),
  complianceHundredSeconds: figure('a compliance run over 100 servers that are Ready', 's', 1, atMost(60)),
  complianceRunSeconds: figure('a compliance run over every server', 's', 1, reported),
  complianceFindingsPerSecond: figure('findings recorded a second in that run', '1/s', 0, reported),
  complianceFindingsPerServer: figure('findings a server', '', 1, reported),
  complianceWritesPerServer: figure(
    'API writes a server in its first run: report, status before and after',
    '',
    2,
    atMost(3.2),
  ),
  complianceReadsPerServer: figure('API reads a server in that run', '', 2, reported),
  complianceStatementsPerServer: figure('SQL statements a server', '', 1, reported),
  complianceRssPeakMiB: figure('resident memory, peak, with compliance runs', 'MiB', 0, reported),
  history1MSlowestP95Ms: figure(
    'slowest hot query at 1 million findings, 95th percentile',
    'ms',
    1,
    atMost(50),
  ),
  history5MSlowestP95Ms: figure(
    'slowest hot query at 5 million findings, 95th percentile',
    'ms',
    1,
    reported,
  ),
  approvalPendingPerSecond: figure(
    'requests made and opened a second, all of them asked for at once',
    '1/s',
    1,
    reported,
  ),
  approvalApprovedP50Ms: figure('decision to Approved, median', 'ms', 0, reported),
  approvalApprovedP99Ms: figure('decision to Approved, 99th percentile', 'ms', 0, reported),
  approvalExecutedP50Ms: figure('decision to Executed, median', 'ms', 0, reported),
  approvalExecutedP99Ms: figure('decision to Executed, 99th percentile', 'ms', 0, reported),
  approvalFailures: figure('requests that ended otherwise', '', 0, atMost(0)),
  approvalWritesPerRequest: figure(
    'API writes a request from its decision on, children and Events included',
    '',
    2,
    reported,
  ),
  approvalReadsPerRequest: figure(
    'API reads a request from its decision on, reviews of access and dry runs included',
    '',
    2,
    reported,
  ),
  approvalLedgerEntriesPerSecond: figure(
    'entries of the ledger a second while decisions come',
    '1/s',
    1,
    reported,
  ),
  approvalLedgerAppendsPerSecond: figure(
    'entries that the store alone appends a second, 8 writers',
    '1/s',
    0,
    reported,
  ),
  approvalOperatorRssPeakMiB: figure('resident memory of the operator, peak', 'MiB', 0, reported),
  approvalExecutorRssPeakMiB: figure('resident memory of the executor, peak', 'MiB', 0, reported),
  approvalAdmissionP50Ms: figure('a decision until it is let in, median', 'ms', 1, reported),
  approvalAdmissionP99Ms: figure('a decision until it is let in, 99th percentile', 'ms', 1, reported),
  approvalAdmissionP50ToAllowAll: figure(
    'a decision, median, as a multiple of a webhook that allows everything',
    'x',
    2,
    reported,
  ),
  approvalAdmissionP99ToAllowAll: figure(
    'a decision, 99th percentile, as a multiple of a webhook that allows everything',
    'x',
    2,
    atMost(1.3),
  ),
  approvalAdmissionFailures: figure('decisions of these that were not let in', '', 0, atMost(0)),
} as const satisfies Readonly<Record<string, Figure>>;

/** Phases that take minutes and are run only by name; the keys of their figures begin with it. */
export const ON_REQUEST = ['compliance', 'history', 'approval'] as const;

/** Key of a figure, in results and code. */
export type FigureKey = keyof typeof FIGURES;

/** What one run measured. */
export type Measurements = Partial<Record<FigureKey, number>>;

/** Whether `value` is what the target asks for; undefined when there is no target. */
export function meets(target: Target, value: number): boolean | undefined {
  if (target === undefined) return undefined;
  return 'atMost' in target ? value <= target.atMost : value >= target.atLeast;
}

function figure(title: string, unit: string, digits: number, target: Figure['target']): Figure {
  return { title, unit, digits, target };
}

/** The first limit whose number of servers is not exceeded. */
function limitUpTo(servers: number, limits: readonly (readonly [number, number])[]): Target {
  const limit = limits.find(([upTo]) => servers <= upTo);
  return limit === undefined ? undefined : { atMost: limit[1] };
}

/** Whether a miss fails the benchmark. */
export function isAim(target: Target | null): boolean {
  return target?.aim === true;
}
