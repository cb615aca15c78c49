/** Which checks `check` runs: those of the built-in profile or of a file, as far as a URL is enough to judge them. */
import { validateComplianceProfile } from '../../api/index.ts';
import type { FindingRecord, ProfileCheck } from '../../checks/engine/index.ts';
import { MCP_BASELINE_V1 } from '../../checks/profiles/mcp-baseline-v1.ts';
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

/** What a profile is, wherever it came from. */
interface Profile {
  readonly name: string;
  readonly checks: readonly ProfileCheck[];
  readonly controls?: readonly {
    readonly framework: string;
    readonly control: string;
    readonly checks: readonly string[];
  }[];
}

/**
 * @param path of a file with one ComplianceProfile; undefined for the built-in profile.
 * @throws ConfigError naming file, field and fix.
 */
export function chooseProfile(path: string | undefined): ChosenProfile {
  const profile: Profile = path === undefined ? MCP_BASELINE_V1 : readProfile(path);
  const { name, checks, controls = [] } = profile;
  const chosen = checks.filter(({ id }) => ASKING.test(id));
  const leftOut = checks.filter(({ id }) => !ASKING.test(id)).map(({ id }) => id);
  const hash = digest({ checks, controls });
  return { name, hash, checks: chosen, leftOut, controls: (id) => controlsOf(id, controls) };
}

function readProfile(path: string): Profile {
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
  const { metadata, spec } = verdict.profile;
  requireKnown(path, spec.checks);
  return { name: metadata.name, ...spec };
}

function requireKnown(path: string, checks: readonly ProfileCheck[]): void {
  const known = new Set(CHECKS.map(({ id }) => id));
  const index = checks.findIndex(({ id }) => !known.has(id));
  if (index < 0) return;
  const ids = CHECKS.map(({ id }) => id).join(', ');
  throw new ConfigError(
    `--profile: ${path}: spec.checks[${index}].id: there is no check ${checks[index]?.id ?? ''}: use one of ${ids}`,
  );
}

function controlsOf(id: string, controls: NonNullable<Profile['controls']>): FindingRecord['controls'] {
  const named = controls.filter(({ checks }) => checks.includes(id));
  const frameworks = [...new Set(named.map(({ framework }) => framework))];
  return Object.fromEntries(
    frameworks.map((framework) => [
      framework,
      named.filter((entry) => entry.framework === framework).map(({ control }) => control),
    ]),
  );
}
