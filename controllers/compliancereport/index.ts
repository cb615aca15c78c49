/** Publishes findings as `Report` (openreports.io) or `PolicyReport` (wgpolicyk8s.io), whichever the cluster has. */
export {
  createReportPublisher,
  type Publication,
  type ReportPublisher,
  type ReportPublisherOptions,
} from './publisher.ts';
export { REPORT_PERMISSIONS } from './permissions.ts';
