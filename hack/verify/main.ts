/**
 * `make verify`: everything that can be known about the tree without running the product. Each step runs even when an
 * earlier one failed, so that one run tells all; the closing line counts them.
 */
import { spawnSync } from 'node:child_process';
import { clearResults, writeResults } from '../results/results.ts';

interface Step {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  readonly remedy: string;
}

const STEPS: readonly Step[] = [
  { name: 'types', command: ['npm', 'run', '--silent', 'typecheck'], remedy: 'correct the types' },
  { name: 'lint', command: ['npm', 'run', '--silent', 'lint'], remedy: 'correct what oxlint names' },
  { name: 'format', command: ['npm', 'run', '--silent', 'format:check'], remedy: 'run `make format`' },
  {
    name: 'structure',
    command: ['npm', 'run', '--silent', 'structure'],
    remedy: 'see hack/structure/rooms.ts',
  },
  { name: 'dead code', command: ['npm', 'run', '--silent', 'dead-code'], remedy: 'delete what nothing uses' },
  {
    name: 'generated files',
    command: ['node', 'hack/generate/main.ts', '--check'],
    remedy: 'run `make generate` and commit the result',
  },
];

function passes({ name, command: [program, ...args], remedy }: Step): boolean {
  console.log(`--- ${name}`);
  const { status, error } = spawnSync(program, args, { stdio: 'inherit' });
  if (error !== undefined) console.error(`${name}: cannot start ${program}: ${error.message}`);
  if (status !== 0) console.error(`${name}: failed; ${remedy}`);
  return status === 0;
}

clearResults('verify');
const failed = STEPS.filter((step) => !passes(step)).length;
writeResults('verify', { passed: STEPS.length - failed, failed, skipped: 0 });
console.log(`verify: ${STEPS.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
