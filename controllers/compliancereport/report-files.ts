/** Reports in the cluster: reads, applies and deletes those that are ours, by owner reference. */
import type { ServerReference } from '../../checks/engine/record.ts';
import {
  type KubernetesClient,
  type KubernetesObject,
  type ObjectMeta,
  type ResourceType,
} from '../../operator/runtime/index.ts';
import {
  REPORT_APIS,
  REPORT_LABELS,
  buildReport,
  isSameReport,
  ownerOfResult,
  reportName,
  type ReportApi,
  type ReportEntry,
} from '../../reports/index.ts';

/** Never changed: the ownership of every field that was ever written hangs on it. */
const FIELD_MANAGER = 'mcp-operator/compliancereport';
/** A report has up to 200 KiB. */
const PAGE_SIZE = 100;

/** A report as the API server returns it, as far as we read it. */
interface LiveReport extends KubernetesObject {
  readonly scope?: Partial<ServerReference>;
  readonly results?: readonly ReportEntry[] | null;
}

/** A report of ours. */
export interface OwnReport extends LiveReport {
  readonly scope: ServerReference;
}

export type Written = 'published' | 'unchanged' | 'foreign';

export class ReportFiles {
  readonly #client: KubernetesClient;

  constructor(client: KubernetesClient) {
    this.#client = client;
  }

  /**
   * Changes the results of the server's report. `change` is given those of ours.
   * @throws ConflictError when somebody else wrote meanwhile.
   */
  async update(
    api: ReportApi,
    server: ServerReference,
    change: (entries: readonly ReportEntry[]) => readonly ReportEntry[],
    signal: AbortSignal,
  ): Promise<Written> {
    const live = await this.#get(api, server, signal);
    if (live !== undefined && isForeign(live, server)) return 'foreign';
    const entries = ownEntries(live);
    const report = buildReport(api, server, change(entries));
    if (live !== undefined && isComplete(live, server) && isSameReport(live.results ?? [], report.results))
      return 'unchanged';
    await this.#apply(api, report, live?.metadata, signal);
    return 'published';
  }

  /** Keeps the results of the checks that are wanted; a report without any goes. */
  async retain(
    api: ReportApi,
    report: OwnReport,
    isWanted: (owner: string) => boolean,
    signal: AbortSignal,
  ): Promise<void> {
    const entries = ownEntries(report);
    const kept = entries.filter((entry) => isWanted(ownerOfResult(entry) ?? ''));
    if (kept.length === entries.length && kept.length > 0) return;
    if (kept.length === 0) return this.#delete(api, report, signal);
    await this.#apply(api, buildReport(api, report.scope, kept), report.metadata, signal);
  }

  /** Deletes the server's report, if it is ours. */
  async remove(api: ReportApi, server: ServerReference, signal: AbortSignal): Promise<void> {
    const live = await this.#get(api, server, signal);
    if (live !== undefined && isComplete(live, server)) await this.#delete(api, live, signal);
  }

  /** Every report of ours in a namespace; in all when it is empty. */
  async *all(api: ReportApi, namespace: string, signal: AbortSignal): AsyncGenerator<OwnReport> {
    let token: string | undefined;
    do {
      const page = await this.#client.list(
        typeOf(api),
        {
          namespace,
          labelSelector: Object.entries(REPORT_LABELS)
            .map(([name, value]) => `${name}=${value}`)
            .join(','),
          limit: PAGE_SIZE,
          ...(token !== undefined && { continue: token }),
        },
        signal,
      );
      for (const report of page.items) if (isOwn(report)) yield report;
      token = page.continue;
    } while (token !== undefined);
  }

  #get(api: ReportApi, server: ServerReference, signal: AbortSignal): Promise<LiveReport | undefined> {
    return this.#client.get(typeOf(api), { namespace: server.namespace, name: reportName(server) }, signal);
  }

  /** Bound to what was looked at: a report that changed, or appeared, meanwhile makes it a conflict. */
  async #apply(
    api: ReportApi,
    report: KubernetesObject,
    live: ObjectMeta | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const resourceVersion = live?.resourceVersion ?? NOTHING_IS_THERE;
    const bound = { ...report, metadata: { ...report.metadata, resourceVersion } };
    await this.#client.apply(typeOf(api), bound, { fieldManager: FIELD_MANAGER, force: true }, signal);
  }

  async #delete(api: ReportApi, { metadata }: LiveReport, signal: AbortSignal): Promise<void> {
    const { uid, resourceVersion, name, namespace = '' } = metadata;
    if (uid === undefined) return;
    const preconditions = { uid, ...(resourceVersion !== undefined && { resourceVersion }) };
    await this.#client.delete(typeOf(api), { namespace, name }, preconditions, signal);
  }
}

/** No object ever has this resource version: an apply that carries it creates the object, or conflicts. */
const NOTHING_IS_THERE = '1';

function typeOf(api: ReportApi): ResourceType<LiveReport> {
  return REPORT_APIS[api];
}

function ownEntries(report: LiveReport | undefined): readonly ReportEntry[] {
  return (report?.results ?? []).filter((entry) => ownerOfResult(entry) !== undefined);
}

/** Another controller owns it, or another program says that it manages it. */
function isForeign({ metadata }: LiveReport, { uid }: ServerReference): boolean {
  const controller = metadata.ownerReferences?.find((reference) => reference.controller === true);
  const manager = metadata.labels?.['app.kubernetes.io/managed-by'] ?? '';
  return (
    (controller !== undefined && controller.uid !== uid) ||
    (manager !== '' && manager !== REPORT_LABELS['app.kubernetes.io/managed-by'])
  );
}

/** Nobody took away what makes it ours. */
function isComplete(report: LiveReport, server: ServerReference): boolean {
  const { labels, ownerReferences = [] } = report.metadata;
  return (
    !isForeign(report, server) &&
    labels?.['app.kubernetes.io/managed-by'] !== undefined &&
    ownerReferences.some(({ uid }) => uid === server.uid)
  );
}

function isOwn(report: LiveReport): report is OwnReport {
  const { scope } = report;
  return (
    scope?.uid !== undefined &&
    scope.name !== undefined &&
    scope.namespace === report.metadata.namespace &&
    report.metadata.name === reportName({ uid: scope.uid }) &&
    (report.metadata.ownerReferences ?? []).some(({ uid }) => uid === scope.uid)
  );
}
