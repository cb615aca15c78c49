/**
 * The compliance check of the demo: profile and check of `examples/compliance/`, applied, run once, and shown: the verdict, its worst
 * findings, the reports and the servers' scores.
 */
import { ANNOTATIONS, type ComplianceCheck } from '../../api/index.ts';
import type { Kubectl } from './kubectl.ts';
import { applyExample, readServers, SAMPLES_NAMESPACE } from './samples.ts';
import type { Print } from './stages.ts';
import { shown } from './tour.ts';
import type { ServerView } from './verdict.ts';
import { waitForAll, type Waiting } from './waiting.ts';

/** The check of the demo. */
const NIGHTLY: Place = { namespace: SAMPLES_NAMESPACE, name: 'nightly' };
const MANIFESTS = ['mcp-baseline-v1', 'scheduled-check'];

/** Where a check is. */
export interface Place {
  readonly namespace: string;
  readonly name: string;
}

/** As much of a check as the demo looks at. */
export type CheckView = Pick<ComplianceCheck, 'status'>;

/** Applies profile and check, and returns what kubectl said. */
export async function applyCheck(kubectl: Kubectl, imagePrefix: string): Promise<string> {
  let said = '';
  for (const name of MANIFESTS)
    said += await applyExample(kubectl, `examples/compliance/${name}.yaml`, imagePrefix);
  return said;
}

/**
 * Waits until the check has run, its reports are published and each server has its score. A check that has not run yet is asked to, as anybody
 * may ask: by itself it would wait a minute for `broken`, which never comes up. One that has run is left alone.
 */
export async function waitForCheck(kubectl: Kubectl, waiting: Waiting): Promise<void> {
  const { status } = await readCheck(kubectl, NIGHTLY);
  if (status?.lastFullRun === undefined) await askForRun(kubectl, NIGHTLY, waiting.clock.now());
  const look = async (): Promise<readonly string[]> =>
    unfinished(await readCheck(kubectl, NIGHTLY), await readServers(kubectl));
  await waitForAll('the compliance check is', look, waiting);
  waiting.progress('recorded, and reported');
}

/** @returns what is not there yet, one short text each. */
export function unfinished({ status = {} }: CheckView, servers: readonly ServerView[]): readonly string[] {
  const { phase, lastRun, conditions = [] } = status;
  if (phase !== 'Done' || lastRun?.finishedAt === undefined) return [whatTheRunWaitsFor(status)];
  const published = conditions.find(({ type }) => type === 'ReportsPublished');
  const reports = published?.status === 'True' ? [] : [`reports (${published?.reason ?? 'unknown'})`];
  const scores = servers.filter((server) => server.status?.compliance === undefined);
  return [...reports, ...scores.map(({ metadata }) => `the score of ${metadata.name}`)];
}

/** Prints the verdict, the worst findings, the reports and the servers' scores. */
export async function showCompliance(kubectl: Kubectl, print: Print): Promise<void> {
  print(await shown(kubectl, 'get', 'mcpcc'));
  const { worst = [] } = (await readCheck(kubectl, NIGHTLY)).status ?? {};
  print('The worst findings (docs/checks.md says why they matter, and how to fix them):\n');
  print(`${findingLines(worst).join('\n')}\n`);
  print(await shown(kubectl, 'get', 'reports.openreports.io', '--output', 'wide'));
  print(await shown(kubectl, 'get', 'mcpservers'));
}

type Worst = NonNullable<NonNullable<CheckView['status']>['worst']>;

/** What is wrong in the same way in one line, and below it whose it is. */
export function findingLines(worst: Worst): readonly string[] {
  const groups = Map.groupBy(
    worst,
    ({ severity, check, message }) => `${severity.padEnd(8)}  ${check}  ${message}`,
  );
  return [...groups].flatMap(([what, findings]) => {
    const names = findings.map(({ server }) => server.slice(server.indexOf('/') + 1));
    return [`  ${what}`, `            ${names.join(', ')}`];
  });
}

/** A check as it is now. */
export async function readCheck(kubectl: Kubectl, { namespace, name }: Place): Promise<CheckView> {
  const text = await kubectl(['get', 'mcpcc', name, '--namespace', namespace, '-o', 'json']);
  const check: CheckView = JSON.parse(text);
  return check;
}

/** Asks for a run, as anybody may ask. @returns what `status.lastRunRequest` says when it has been run. */
export async function askForRun(kubectl: Kubectl, { namespace, name }: Place, now: Date): Promise<string> {
  const request = now.toISOString();
  const annotation = `${ANNOTATIONS.runRequestedAt}=${request}`;
  await kubectl(['annotate', '--overwrite', 'mcpcc', name, annotation, '--namespace', namespace]);
  return request;
}

function whatTheRunWaitsFor({
  phase = 'Pending',
  conditions = [],
}: NonNullable<CheckView['status']>): string {
  const recorded = conditions.find(({ type }) => type === 'Recorded');
  return recorded?.status === 'False' ? `the store (${recorded.message})` : `the run (${phase})`;
}
