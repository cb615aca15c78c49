/** The commands about approval, and `kilo-mcp approval` with what is needed seldom. */
import { Command } from 'commander';
import type { OpenLedger } from '../ledger/ledger.ts';
import { decisionCommands, type DecideSettings } from './decide.ts';
import { exportCommand } from './export.ts';
import { rebuildStatusCommand } from './rebuild-status.ts';
import { whoCanCommand, whoCanExamples } from './who-can-command.ts';

/** What the commands need from outside. */
export interface ApprovalSettings extends DecideSettings {
  /** Without it there is no `rebuild-status`. */
  readonly openLedger?: OpenLedger | undefined;
}

/** A command of the program, with its examples. */
export interface ExemplaryCommand {
  readonly command: Command;
  readonly examples: readonly string[];
}

const approvalExamples: readonly string[] = [
  '%s approval export remediate-github-0123456789ab-1 -n team-a >> kustomization.yaml',
  '# In the pod of the operator, whose ServiceAccount alone may write status:',
  'kubectl -n mcp-system exec deploy/mcp-operator -- kilo-mcp approval rebuild-status --config /etc/kilo-mcp/config.yaml --dry-run',
];

/** @returns approve, deny, cancel, override, who-can and approval. */
export function approvalCommands(settings: ApprovalSettings): readonly ExemplaryCommand[] {
  return [
    ...decisionCommands(settings),
    { command: whoCanCommand(settings), examples: whoCanExamples },
    { command: approvalCommand(settings), examples: approvalExamples },
  ];
}

function approvalCommand(settings: ApprovalSettings): Command {
  const command = new Command('approval')
    .description('Export what was proposed, and write status anew from the store.')
    .addCommand(exportCommand(settings));
  const { openLedger } = settings;
  return openLedger === undefined
    ? command
    : command.addCommand(rebuildStatusCommand({ ...settings, openLedger }));
}
