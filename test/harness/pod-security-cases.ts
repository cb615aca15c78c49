/**
 * The cases by which Kubernetes tests its own Pod Security admission, as its module publishes them: pods that a profile of a version must
 * admit, and pods that it must refuse, each named after the control that refuses it.
 */
import type { V1PodSpec } from '@kubernetes/client-node';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { PodSecurityLevel } from '../../checks/podsecurity/index.ts';
import { downloadGoModule, findProgram } from '../../hack/cluster/index.ts';
import { ConfigError } from '../../core/errors.ts';

/** Newest published version; its cases are those of Kubernetes 1.0 to 1.37. */
const MODULE = 'k8s.io/pod-security-admission@v0.37.2';

/** Minor version of Kubernetes whose profiles ours are. */
export const NEWEST_MINOR = 37;

/** A pod to judge. */
export interface CasePod {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: V1PodSpec;
}

/** One pod and the verdict of upstream. */
export interface PodSecurityCase {
  /** Such as `restricted/fail/runasuser0`. */
  readonly name: string;
  readonly level: PodSecurityLevel;
  readonly verdict: 'pass' | 'fail';
  /** Upstream's name of the control, in lower case. */
  readonly control: string;
  readonly pod: CasePod;
}

/**
 * Reads the cases of one minor version of Kubernetes, at most {@link NEWEST_MINOR}.
 * @throws ConfigError without Go, and when the module holds suspiciously few cases: a test that read none would pass.
 */
export async function readPodSecurityCases(minor: number): Promise<readonly PodSecurityCase[]> {
  const go = await findProgram('go');
  if (go === undefined) {
    throw new ConfigError(
      `the cases of ${MODULE} are read with Go, which is not installed (https://go.dev/dl, 1.26 or later)`,
    );
  }
  const { directory } = await downloadGoModule(go, MODULE);
  const testData = join(directory, 'test', 'testdata');
  const baseline = await readLevel(testData, 'baseline', minor);
  const restricted = await readLevel(testData, 'restricted', minor);
  return [...baseline, ...restricted];
}

/** In 1.33 the smallest set, `baseline/pass`, has 12; all together there are over 110 in each version since. */
const FEWEST = 10;

async function readLevel(
  testData: string,
  level: PodSecurityLevel,
  minor: number,
): Promise<readonly PodSecurityCase[]> {
  const cases: PodSecurityCase[] = [];
  for (const verdict of ['pass', 'fail'] as const) {
    const folder = join(testData, level, `v1.${minor}`, verdict);
    const files = (await readdir(folder)).filter((file) => file.endsWith('.yaml'));
    if (files.length < FEWEST) throw new ConfigError(`${folder} holds only ${files.length} cases`);
    for (const file of files) cases.push(await readCase({ folder, file, level, verdict }));
  }
  return cases;
}

interface CaseFile extends Pick<PodSecurityCase, 'level' | 'verdict'> {
  readonly folder: string;
  readonly file: string;
}

async function readCase({ folder, file, level, verdict }: CaseFile): Promise<PodSecurityCase> {
  const name = file.replace(/\.yaml$/, '');
  const pod: unknown = parse(await readFile(join(folder, file), 'utf8'));
  if (!isPod(pod)) throw new ConfigError(`${join(folder, file)} is no Pod`);
  return {
    name: `${level}/${verdict}/${name}`,
    level,
    verdict,
    control: name.replace(/[0-9]+$/, ''),
    pod,
  };
}

function isPod(value: unknown): value is CasePod {
  return typeof value === 'object' && value !== null && 'spec' in value && 'metadata' in value;
}
