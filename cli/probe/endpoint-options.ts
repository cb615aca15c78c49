/** The options of every command that asks an endpoint: what is sent with each request, whom to trust, and what to dial. */
import type { Command } from 'commander';
import { addHeader, addHeaderVariable } from './flags.ts';

/** @returns the command, with the options added at the end. */
export function addEndpointOptions(command: Command): Command {
  return command
    .option(
      '-H, --header <header>',
      'Send "Name: value"; may be repeated. Visible to others: not for secrets.',
      addHeader,
    )
    .option(
      '--header-env <name=variable>',
      'Send a header whose value is in an environment variable; may be repeated.',
      addHeaderVariable,
    )
    .option('--header-file <path>', 'Send the headers of a file, one "Name: value" a line.')
    .option('--ca-file <path>', "Trust these PEM certificates instead of the system's.")
    .option(
      '--connect-address <ip>',
      'Dial this address; Host, SNI and certificate check stay those of the URL.',
    );
}
