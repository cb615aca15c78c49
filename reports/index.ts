/** What a run is told as: files for people and programs, and the reports that a cluster shows. Pure. */
export { formatRun, RUN_FORMATS, type RunFormat } from './formats.ts';
export { formatPack, PACK_FORMATS, type PackFormat } from './evidence-pack.ts';
export type { EvidencePack, RunFinding } from './pack.ts';
export { formatSarif } from './sarif.ts';
export { formatSarifLog, type SarifRule } from './sarif-log.ts';
export type { RunReport } from './run-report.ts';
export {
  buildReport,
  isSameReport,
  ownerName,
  ownerOfResult,
  REPORT_APIS,
  REPORT_LABELS,
  reportName,
  shareResults,
  type ReportApi,
  type ReportEntry,
  type ReportObject,
  type ReportOwner,
  type ReportShare,
} from './openreports.ts';
