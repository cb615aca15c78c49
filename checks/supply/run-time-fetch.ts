import { commandLineOf, type CommandWord } from '../command-line.ts';
import { defineCheck, type Breach } from '../check.ts';
import { containersOf } from '../containers.ts';
import { secretClassOf } from '../secrets/index.ts';
import { programsOf } from './programs.ts';

/**
 * MCP-C04: what was reviewed is what runs, so a container must not fetch its program when it starts, unless by an exact version. The command
 * line is read as the container and its shells read it; a program that is downloaded into a file and started from there is not found.
 */
export const runTimeFetch = defineCheck(
  {
    id: 'MCP-C04',
    severity: 'high',
    title: 'no container fetches a program of an open version when it starts',
    references: ['OWASP MCP Top 10: MCP04'],
  },
  (subject) => containersOf(subject).flatMap((judged) => breaches(commandLineOf(judged))),
);

function breaches(words: readonly CommandWord[]): readonly Breach[] {
  return programsOf(words).map(({ path, call, spec }) => ({
    path,
    value: [call, showable(spec)].filter((part) => part !== '').join(' '),
    message: 'The container fetches its program when it starts, and may get another one tomorrow.',
    fix: 'Build an image that holds the program, or name an exact version.',
  }));
}

/** The address of a package may hold a credential. */
function showable(spec: string): string {
  return secretClassOf('', spec) === undefined ? spec : '';
}
