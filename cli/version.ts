/** `kilo-mcp version`: what runs here, for people and for bug reports. */
import { Command, Option } from 'commander';
import { OUTPUT_FORMATS, printableJson, twoColumns, type Output, type OutputFormat } from './output.ts';

export function versionCommand(version: string, output: Output): Command {
  return new Command('version')
    .description('Print the version of the program and of its runtime.')
    .addOption(
      new Option('-o, --output <format>', 'Format of the result.').choices(OUTPUT_FORMATS).default('table'),
    )
    .action((options: { readonly output: OutputFormat }) => {
      const facts = { version, node: process.versions.node, platform: `${process.platform}/${process.arch}` };
      output.result(options.output === 'json' ? printableJson(facts) : twoColumns(Object.entries(facts)));
    });
}
