/** Which checks `check` runs: those of the built-in profile or of a file, as far as a URL is enough to judge them. */
import { validateComplianceProfile, type ComplianceProfile } from '../../api/index.ts';
import { controlsOf } from '../../checks/controls/index.ts';
import type { FindingRecord, ProfileCheck } from '../../checks/engine/index.ts';
import { MCP_BASELINE_V1 } from '../../checks/profiles/mcp-baseline-v1.ts';
import { controlsOfProfile, readProfileCheck } from '../../checks/profiles/read-profile.ts';
import { CHECKS } from '../../checks/registry.ts';
import { digest } from '../../core/canonical-json.ts';
import { ConfigError } from '../../core/errors.ts';
import { parseFile } from '../lint/manifest/parse.ts';
import { readFlagFile } from '../probe/flags.ts';

/** Families that ask the server; the others judge objects of a cluster. */
const ASKING = /^MCP-[PS]/;

export interface ChosenProfile {
  readonly name: string;
  readonly hash: string;
  readonly checks: readonly ProfileCheck[];
  /** Checks of other families, which are not run. */
  readonly leftOut: readonly string[];
  readonly controls: (checkId: string) => FindingRecord['controls'];
}

/**
 * @param path of a file with one ComplianceProfile; undefined for the built-in profile.
 * @throws ConfigError naming file, field and fix.
 */
export function chooseProfile(path: string | undefined): ChosenProfile {
  if (path === undefined) {
    const { name, checks } = MCP_BASELINE_V1;
    return { name, hash: digest({ checks }), ...divide(checks), controls: controlsOf };
  }
  const { metadata, spec } = readProfile(path);
  const checks = spec.checks.map((entry, index) => {
    const check = readProfileCheck(entry, CHECKS);
    if (typeof check !== 'string') return check;
    const known = CHECKS.map(({ id }) => id).join(', ');
    throw new ConfigError(`--profile: ${path}: spec.checks[${index}]: ${check}. Checks: ${known}`);
  });
  const controls = controlsOfProfile(spec, controlsOf);
  return { name: metadata.name, hash: digest(spec), ...divide(checks), controls };
}

function divide(checks: readonly ProfileCheck[]): Pick<ChosenProfile, 'checks' | 'leftOut'> {
  const leftOut = checks.filter(({ id }) => !ASKING.test(id)).map(({ id }) => id);
  return { checks: checks.filter(({ id }) => ASKING.test(id)), leftOut };
}

function readProfile(path: string): ComplianceProfile {
  const { manifests, problems } = parseFile(path, readFlagFile('--profile', path));
  const [problem] = problems;
  if (problem !== undefined) {
    throw new ConfigError(`--profile: ${path}:${problem.at.line}: ${problem.message}`);
  }
  const [manifest, second] = manifests;
  if (manifest === undefined || second !== undefined) {
    throw new ConfigError(`--profile: ${path} must hold one object, a ComplianceProfile`);
  }
  const verdict = validateComplianceProfile(manifest.value);
  if (!verdict.valid) {
    const errors = verdict.errors.map((error) => `${error.path}: ${error.message}`);
    throw new ConfigError(`--profile: ${path} is no ComplianceProfile: ${errors.join('; ')}`);
  }
  return verdict.profile;
}
