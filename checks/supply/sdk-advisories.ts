/**
 * Public advisories of the two SDKs that most servers are built on, `@modelcontextprotocol/sdk` on npm and `mcp` on PyPI, with the first
 * version that is fixed: a scanner rates them high or medium, and each of them opens the server's own protocol.
 */
import type { VulnerabilityFacts } from '../engine/context.ts';
import advisories from './sdk-advisories.json' with { type: 'json' };

/** One advisory that an installed SDK is below. */
export interface SdkAdvisory {
  readonly id: string;
  /** The first version without it. */
  readonly fixed: string;
}

type Advisories = Readonly<Record<string, readonly SdkAdvisory[]>>;

/** @returns what the installed version of an SDK lacks; empty for every other package. */
export function advisoriesOf({
  package: name,
  installedVersion,
}: Pick<VulnerabilityFacts, 'package' | 'installedVersion'>): readonly SdkAdvisory[] {
  const known: Advisories = advisories;
  if (!Object.hasOwn(known, name)) return [];
  return (known[name] ?? []).filter(({ fixed }) => isBelow(installedVersion, fixed));
}

/**
 * Whether a version comes before a release, number by number. A pre-release of it does too, which the forms of both registries agree in:
 * `1.26.0-beta.1`, `1.10.0rc1`. What is no version is not below anything.
 */
export function isBelow(version: string, release: string): boolean {
  const parts = /^v?(\d{1,9})\.(\d{1,9})(?:\.(\d{1,9}))?(.{0,64})$/.exec(version);
  if (parts === null) return false;
  const [, major, minor, patch = '0', rest = ''] = parts;
  const [numbers, others] = [[major, minor, patch].map(Number), release.split('.').map(Number)];
  const at = numbers.findIndex((number, index) => number !== others[index]);
  if (at < 0) return /^[-.]?(?:a|b|rc|alpha|beta|dev|pre|next)/.test(rest);
  return (numbers[at] ?? 0) < (others[at] ?? 0);
}
