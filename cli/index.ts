/** The command line: one executable, its subcommands and their exit codes. */
export { EXIT_CODES } from './exit-codes.ts';
export { createProgram, programName, runProgram, type ProgramSettings } from './program.ts';
export type { Role, RoleFlag } from './role.ts';
export type { HistoryLocation, HistoryReader, OpenHistory } from './report/history.ts';
export type { Acknowledgement, ClusterLocation, LedgerLocation, OpenedLedger } from './ledger/ledger.ts';
