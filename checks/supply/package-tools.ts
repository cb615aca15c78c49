/**
 * Programs that fetch packages when they run, and what of their command line names the packages. Data, but for the spelling of an exact
 * version.
 */

/** One way to call one program. */
export interface PackageTool {
  /** First words of the command: `npx`, `npm exec`. */
  readonly calls: readonly string[];
  /** `run`: the first operand is the package, what follows belongs to it. `install`: every operand is one. `none`: no operand is. */
  readonly operands: 'run' | 'install' | 'none';
  /** Flags whose value is the package, in place of the first operand. */
  readonly sourceFlags?: readonly string[];
  /** Flags whose value is one more package. */
  readonly packageFlags?: readonly string[];
  /** Flags whose value is a file that lists packages. */
  readonly listFlags?: readonly string[];
  /** Flags whose value is something else. */
  readonly valueFlags?: readonly string[];
  /** Flags with which nothing is fetched, or nothing that is not pinned. */
  readonly safeFlags?: readonly string[];
  /** Whether it fetches what a manifest in its directory lists when no package is named. */
  readonly readsManifest?: boolean;
  isPinned(spec: string): boolean;
}

const NPM_VERSION = /^(?:npm:)?(?:@[^/@]+\/)?[^/@]+@v?[0-9]+\.[0-9]+\.[0-9]+(?:[-+][0-9A-Za-z.+-]+)?$/;
const GIT_COMMIT = /[#@][0-9a-f]{40}$/;
/** `name==1.2.3`, `name[extra]==1.2.3`, and `name@1.2.3` of uvx. */
const PYTHON_VERSION = /^[A-Za-z0-9._-]+(?:\[[^\]]*\])?\s*(?:===?|@)\s*v?[0-9][0-9A-Za-z.!+_-]*$/;
const HASHED_URL = /#sha256[=-][0-9a-f]{64}$/;
const GO_VERSION = /@v[0-9]+\.[0-9]+\.[0-9]+(?:-[0-9A-Za-z.-]+)?(?:\+incompatible)?$/;
const SYSTEM_VERSION = /^[^=<>~]+=[^=*]+$/;

const isPinnedNpm = (spec: string): boolean => NPM_VERSION.test(spec) || GIT_COMMIT.test(spec);
const isPinnedPython = (spec: string): boolean =>
  PYTHON_VERSION.test(spec) || GIT_COMMIT.test(spec) || HASHED_URL.test(spec);
/** Without `@` Go takes the version of the go.mod beside it. */
const isPinnedGo = (spec: string): boolean => !spec.includes('@') || GO_VERSION.test(spec);
const isPinnedDeno = (spec: string): boolean =>
  !/^(?:npm:|jsr:|https?:)/.test(spec) || /@v?[0-9]+\.[0-9]+\.[0-9]+/.test(spec);
const isPinnedSystem = (spec: string): boolean => SYSTEM_VERSION.test(spec);

const NPM_VALUE_FLAGS = [
  '--registry',
  '--prefix',
  '--cache',
  '--userconfig',
  '-w',
  '--workspace',
  '-c',
  '--call',
];
const PYTHON_VALUE_FLAGS = [
  '-i',
  '--index',
  '--index-url',
  '--default-index',
  '--extra-index-url',
  '-f',
  '--find-links',
  '-c',
  '--constraint',
  '--cache-dir',
  '--python',
  '--directory',
  '--project',
  '-t',
  '--target',
  '--prefix',
  '--root',
  '--trusted-host',
  '--platform',
  '--python-version',
  '--timeout',
  '--proxy',
];

export const PACKAGE_TOOLS: readonly PackageTool[] = [
  {
    calls: ['npx', 'pnpx', 'bunx', 'npm exec', 'npm x', 'pnpm dlx', 'yarn dlx', 'bun x'],
    operands: 'run',
    sourceFlags: ['-p', '--package'],
    valueFlags: NPM_VALUE_FLAGS,
    safeFlags: ['--no', '--no-install', '--offline'],
    isPinned: isPinnedNpm,
  },
  {
    calls: [
      'npm install',
      'npm i',
      'npm add',
      'pnpm add',
      'pnpm install',
      'yarn add',
      'yarn install',
      'bun add',
      'bun install',
    ],
    operands: 'install',
    valueFlags: NPM_VALUE_FLAGS,
    safeFlags: ['--offline', '--frozen-lockfile', '--immutable'],
    readsManifest: true,
    isPinned: isPinnedNpm,
  },
  {
    calls: ['uvx', 'uv tool run', 'pipx run'],
    operands: 'run',
    sourceFlags: ['--from', '--spec'],
    packageFlags: ['--with'],
    valueFlags: ['-p', ...PYTHON_VALUE_FLAGS],
    safeFlags: ['--offline'],
    isPinned: isPinnedPython,
  },
  {
    calls: ['uv run'],
    operands: 'none',
    packageFlags: ['--with'],
    valueFlags: ['-p', ...PYTHON_VALUE_FLAGS],
    safeFlags: ['--offline'],
    isPinned: isPinnedPython,
  },
  {
    calls: [
      'pip install',
      'pip3 install',
      'python -m pip install',
      'python3 -m pip install',
      'uv pip install',
      'uv tool install',
      'uv add',
      'pipx install',
    ],
    operands: 'install',
    packageFlags: ['-e', '--editable', '--with'],
    listFlags: ['-r', '--requirement', '--requirements'],
    valueFlags: PYTHON_VALUE_FLAGS,
    safeFlags: ['--no-index', '--offline', '--require-hashes'],
    isPinned: isPinnedPython,
  },
  { calls: ['go run', 'go install'], operands: 'run', isPinned: isPinnedGo },
  {
    calls: ['deno run'],
    operands: 'run',
    valueFlags: ['-c', '--config', '--import-map', '--lock'],
    safeFlags: ['--cached-only'],
    isPinned: isPinnedDeno,
  },
  {
    calls: ['apk add', 'apt install', 'apt-get install', 'dnf install', 'microdnf install', 'yum install'],
    operands: 'install',
    valueFlags: ['-t', '--virtual', '-X', '--repository', '-o', '--target-release'],
    safeFlags: ['--no-network'],
    isPinned: isPinnedSystem,
  },
];
