/** `npm run structure`: fails when an import goes against `rooms.ts`, when imports form a cycle, or when nothing was read. */
import { checkStructure } from './check.ts';

const { modules, problems } = await checkStructure(process.cwd());
for (const problem of problems) console.error(problem);
console.log(`structure: ${modules} modules read, ${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
