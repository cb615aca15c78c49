/** The last line of `.ci/run`: what `make test` and `make verify` counted, together. Exits 1 unless all of it passed. */
import { readResults, sum } from './results.ts';

const { passed, failed, skipped } = sum([readResults('test'), readResults('verify')]);
const note = skipped === 0 ? '' : `, ${skipped} skipped`;
console.log(`${passed} passed, ${failed} failed${note}`);
process.exitCode = failed === 0 && skipped === 0 && passed > 0 ? 0 : 1;
