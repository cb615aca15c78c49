/**
 * `make test`: the three projects of vitest.config.ts one after the other, because each wants both cores. A project that ran
 * no test has failed, and so has one that skipped any: what a machine cannot run must be said, not passed over.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { clearResults, RESULTS_DIRECTORY, sum, writeResults, type Results } from '../results/results.ts';

const PROJECTS = ['unit', 'integration', 'e2e'] as const;

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

function run(project: string): Results {
  console.log(`--- ${project}`);
  const report = join(RESULTS_DIRECTORY, `vitest-${project}.json`);
  rmSync(report, { force: true });
  const { status } = spawnSync(
    'vitest',
    ['run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
    { stdio: 'inherit' },
  );
  return resultsOf(project, status, report);
}

function resultsOf(project: string, status: number | null, path: string): Results {
  const report: VitestReport = readReport(path);
  failures.push(...failuresOf(report));
  const counted = {
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    skipped: report.numPendingTests,
  };
  if (counted.passed === 0) console.error(`${project}: no test passed, so nothing was shown`);
  // A file that cannot be loaded, or an error outside every test, fails vitest without failing any test.
  const unaccounted = counted.failed === 0 && (status !== 0 || counted.passed === 0);
  return unaccounted ? { ...counted, failed: 1 } : counted;
}

function readReport(path: string): VitestReport {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    console.error(`vitest left no report at ${path}: ${String(error)}`);
    return { numPassedTests: 0, numFailedTests: 1, numPendingTests: 0, testResults: [] };
  }
}

/** One entry a failed test, or a file that failed outside its tests: where, which, and the first line of why. */
function failuresOf(report: VitestReport): string[] {
  return report.testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = relative(process.cwd(), name);
    const failed = assertionResults.filter((test) => test.status === 'failed');
    const tests = failed.map(
      (test) => `${file} > ${test.fullName}\n    ${firstLines(test.failureMessages[0])}`,
    );
    return tests.length === 0 && status === 'failed' ? [`${file}\n    ${firstLines(message)}`] : tests;
  });
}

function firstLines(text = 'no message'): string {
  return text.split('\n').slice(0, 3).join('\n    ');
}

const failures: string[] = [];
const requested = process.argv.slice(2);
clearResults('test');
const total = sum(PROJECTS.filter((name) => requested.length === 0 || requested.includes(name)).map(run));
writeResults('test', total);
// Once more, and last: what failed in a project that ran first is far up in a long output.
for (const failure of failures) console.log(`FAILED ${failure}`);
console.log(`test: ${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed === 0 ? 0 : 1;
