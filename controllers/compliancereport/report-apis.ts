/**
 * Which report APIs the cluster has. Others install and remove them while we run, so the answer is asked again now and then, and at once
 * when a write finds that it was wrong. Exactly one is written to: readers know both, and would show every finding twice.
 */
import type { Clock } from '../../core/clock.ts';
import type { Discovery } from '../../operator/runtime/index.ts';
import { REPORT_APIS, type ReportApi } from '../../reports/index.ts';

/** Somebody who installs the API sees reports soon; one who removes it is noticed by the first write. */
const KEPT_MS = { found: 300_000, missing: 30_000 } as const;

/** The preferred API first. */
const APIS: readonly ReportApi[] = ['openReports', 'policyReport'];

export class ReportApis {
  readonly #discovery: Discovery;
  readonly #clock: Clock;
  #known: { readonly apis: readonly ReportApi[]; readonly untilMs: number } | undefined;
  #asking: Promise<readonly ReportApi[]> | undefined;

  constructor(discovery: Discovery, clock: Clock) {
    this.#discovery = discovery;
    this.#clock = clock;
  }

  /**
   * Those that are served, the preferred one first.
   * @throws what discovery throws.
   */
  async served(signal: AbortSignal): Promise<readonly ReportApi[]> {
    if (this.#known !== undefined && this.#clock.monotonicMs() < this.#known.untilMs) return this.#known.apis;
    this.#asking ??= this.#ask(signal).finally(() => (this.#asking = undefined));
    return this.#asking;
  }

  /** A write found no such kind. */
  forget(): void {
    this.#known = undefined;
  }

  async #ask(signal: AbortSignal): Promise<readonly ReportApi[]> {
    const apis: ReportApi[] = [];
    for (const api of APIS) {
      const { group, version, plural } = REPORT_APIS[api];
      if ((await this.#discovery.resources(group, version, signal)).has(plural)) apis.push(api);
    }
    const keptMs = apis.length === 0 ? KEPT_MS.missing : KEPT_MS.found;
    this.#known = { apis, untilMs: this.#clock.monotonicMs() + keptMs };
    return apis;
  }
}
