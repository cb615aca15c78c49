/** docs/configuration.md from the schema of the operator's settings: flags first, then what only the file can say. */
import {
  FLAG_KEYS,
  flagName,
  SETTING_DESCRIPTIONS,
  type SettingDescription,
} from '../../operator/config/settings.ts';
import type { Generator } from './generator.ts';

const INTRODUCTION = `# Configuration of \`kilo-mcp operator\`

<!-- Generated from operator/config/settings.ts by \`make generate\`. -->

Every setting has a default. A flag wins over the file that \`--config\` names, and the file over the default. Lists are given with commas on
the command line and as YAML lists in the file. A setting that cannot work stops the process before it starts anything, with every problem in
one message.

\`\`\`yaml
# kilo-mcp operator --config config.yaml
leaderElect: true
logLevel: info
watchNamespaces: [team-a, team-b]
probe:
  allowedCIDRs: [10.20.0.0/16]
\`\`\`
`;

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function meaningOf(schema: SettingDescription | undefined): readonly string[] {
  return [`\`${JSON.stringify(schema?.default ?? '')}\``, schema?.description ?? ''];
}

function flagRow(key: string): string {
  return row([`\`${flagName(key)}\``, `\`${key}\``, ...meaningOf(SETTING_DESCRIPTIONS[key])]);
}

function fileRows(path: string, schema: SettingDescription): readonly string[] {
  if (schema.properties === undefined) return [row([`\`${path}\``, ...meaningOf(schema)])];
  return Object.entries(schema.properties).flatMap(([key, child]) => fileRows(`${path}.${key}`, child));
}

function page(): string {
  const flags: readonly string[] = FLAG_KEYS;
  const fileOnly = Object.entries(SETTING_DESCRIPTIONS).filter(([key]) => !flags.includes(key));
  return [
    INTRODUCTION,
    '## Flags, and the same settings in the file\n',
    row(['flag', 'key', 'default', 'meaning']),
    row(['---', '---', '---', '---']),
    ...FLAG_KEYS.map(flagRow),
    '\n## Settings of the file only\n',
    row(['key', 'default', 'meaning']),
    row(['---', '---', '---']),
    ...fileOnly.flatMap(([key, schema]) => fileRows(key, schema)),
    '',
  ].join('\n');
}

export const configurationPage: Generator = {
  name: 'configuration reference',
  outputs: async () => ({ 'docs/configuration.md': page() }),
};
