/** The report APIs on a test's API server, as their projects publish them; a test that removes one runs on an API server of its own. */
import { reportApiDefinition } from '../../hack/report-readers/index.ts';
import type { ReportApi } from '../../reports/index.ts';
import { kubectl } from './kubectl.ts';

/** Applies the definition and waits until the API server serves it. */
export async function installReportApi(kubeconfigPath: string, api: ReportApi): Promise<void> {
  const file = await reportApiDefinition(api);
  await kubectl(kubeconfigPath, ['apply', '--server-side', '--force-conflicts', '-f', file]);
  await kubectl(kubeconfigPath, ['wait', '--for=condition=Established', '--timeout=60s', '-f', file]);
}

/** Deletes the definition, and with it every report of its kind. */
export async function removeReportApi(kubeconfigPath: string, api: ReportApi): Promise<void> {
  await kubectl(kubeconfigPath, ['delete', '--ignore-not-found', '-f', await reportApiDefinition(api)]);
}
