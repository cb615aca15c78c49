/** How commands end. Scripts depend on these numbers: they are part of the public contract. */
export const EXIT_CODES = {
  success: {
    code: 0,
    meaning:
      'The command did what it was asked; `probe`: the server is verified; `check`: it fails nothing that the flags name.',
  },
  failure: {
    code: 1,
    meaning:
      'It did not; `probe`, `check`: the server could not be verified or asked, the reason is in the output; `ledger verify`: the ledger is not whole.',
  },
  usage: { code: 2, meaning: 'The command line, a file or a setting that it names cannot be used.' },
  authRequired: { code: 3, meaning: '`probe`: the server is there and answers 401 or 403.' },
  findings: {
    code: 4,
    meaning:
      '`lint`, `check`: it judged everything, and found what `--fail-on` names, or less than `--min-score` or `--min-coverage`.',
  },
  interrupted: { code: 130, meaning: 'Interrupted with Ctrl-C or SIGTERM before it was done.' },
} as const;

export type ExitName = keyof typeof EXIT_CODES;

/** @returns the number of an exit by its name. */
export function exitCode(name: ExitName): number {
  return EXIT_CODES[name].code;
}
