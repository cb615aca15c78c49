/** `kilo-mcp approval export NAME`: the patch of a request in a form for Git, where that is the place to change the target. */
import { Command, Option } from 'commander';
import {
  exportJson6902,
  exportKustomize,
  objectOf,
  type PatchEffect,
  type PatchOperation,
} from '../../approval/index.ts';
import { TerminalError } from '../../core/errors.ts';
import { exitCode } from '../exit-codes.ts';
import { printable } from '../output.ts';
import { clusterFlags, readRequest, withCluster, type ClusterFlags } from './cluster.ts';
import type { DecideSettings } from './decide.ts';
import { seenOf, type DerivedStatus } from './seen.ts';

const FORMATS = ['kustomize', 'json6902'] as const;

interface ExportFlags extends ClusterFlags {
  readonly format: (typeof FORMATS)[number];
}

/** @see module header */
export function exportCommand(settings: DecideSettings): Command {
  const command = new Command('export')
    .description(
      'Print the change of a request as a patch for Git: an entry of patches for a kustomization.yaml, or RFC 6902.',
    )
    .argument('<request>', 'name of the ApprovalRequest')
    .addOption(
      new Option('-f, --format <format>', 'Form of the patch.').choices(FORMATS).default('kustomize'),
    );
  return clusterFlags(command)
    .helpOption('-h, --help', 'Print this help.')
    .configureHelp({ helpWidth: 100 })
    .action(async (name: string, flags: ExportFlags) => {
      const text = await withCluster(flags, settings, async (client, namespace) => {
        const request = await readRequest(client, { namespace, name }, settings.signal);
        const effect = patchEffect(name, seenOf(request));
        const object = objectOf(effect, request.spec.action.target, namespace);
        return flags.format === 'json6902' ? exportJson6902(effect) : exportKustomize(effect, object);
      });
      settings.output.result(shown(text.trimEnd(), flags.format));
      settings.done(exitCode('success'));
    });
}

/** Escaping is part of JSON; in YAML it would make another text. @throws TerminalError when YAML would move the cursor. */
function shown(text: string, format: ExportFlags['format']): string {
  const safe = printable(text);
  if (format === 'kustomize' && safe !== text)
    throw new TerminalError(
      'the patch holds invisible characters: take --format json6902, which escapes them',
    );
  return safe;
}

/** @throws TerminalError where nothing is to be patched. */
function patchEffect(
  name: string,
  { effect, patch, proposalObject, proposalReason }: DerivedStatus,
): PatchEffect {
  // A boundary: the schema says less of operations than their type.
  const operations = patch?.ops as readonly PatchOperation[] | undefined;
  if (operations === undefined)
    throw new TerminalError(
      `${name} has no patch to export: its effect is ${effect}, a record of the operator`,
    );
  if (effect !== 'Proposal') return { kind: 'Patch', operations };
  return {
    kind: effect,
    operations,
    reason: proposalReason ?? '',
    ...(proposalObject !== undefined && { object: proposalObject }),
  };
}
