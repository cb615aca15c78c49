/** What the commands about history need from outside. */
import type { Output } from '../output.ts';
import type { OpenHistory } from './history.ts';

export interface ReportCommandSettings {
  readonly output: Output;
  readonly openHistory: OpenHistory;
  readonly now: () => Date;
  readonly done: (exitCode: number) => void;
}
