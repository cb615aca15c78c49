/**
 * `kilo-mcp operator`: the settings become flags. What runs is loaded when it is to run: the other commands have no use for the
 * operator, which is most of the program.
 */
import type { Role, RoleFlag } from '../cli/index.ts';
import { FLAG_KEYS, flagName, SETTING_DESCRIPTIONS } from './config/settings.ts';

/** What stands for a flag's value in the help text, where its key alone does not say it. */
const VALUE_NAMES: Readonly<Partial<Record<(typeof FLAG_KEYS)[number], string>>> = {
  kubeconfig: 'FILE',
  metricsBindAddress: 'ADDRESS',
  healthProbeBindAddress: 'ADDRESS',
  webhookBindAddress: 'ADDRESS',
  leaderElectionNamespace: 'NAMESPACE',
  watchNamespaces: 'NAMESPACES',
  logLevel: 'LEVEL',
  concurrency: 'NUMBER',
};

const CONFIG_FLAG: RoleFlag = {
  key: 'config',
  flag: '--config',
  value: 'FILE',
  description:
    'YAML file with the same settings, and more; a flag wins over the file. See docs/configuration.md.',
};

/** The settings as flags, of whichever role. */
export const SETTING_FLAGS: readonly RoleFlag[] = [...FLAG_KEYS.map(settingFlag), CONFIG_FLAG];

/** The role that `kilo-mcp operator` runs. */
export const operatorRole: Role = {
  name: 'operator',
  summary: 'Run the operator: anywhere with a kubeconfig, or in a pod.',
  flags: SETTING_FLAGS,
  examples: [
    '%s operator                                          # against the current kubeconfig context',
    '%s operator --leader-elect --watch-namespaces=a,b    # one of several replicas, two namespaces',
    '%s operator --config=/etc/kilo-mcp/config.yaml       # as the Helm chart runs it',
  ],
  run: async (flags, signal) => {
    const { runOperator } = await import('./run-operator.ts');
    return runOperator(flags, signal);
  },
};

function settingFlag(key: (typeof FLAG_KEYS)[number]): RoleFlag {
  const setting = SETTING_DESCRIPTIONS[key];
  const value = VALUE_NAMES[key];
  const defaultText = defaultOf(setting?.default);
  return {
    key,
    flag: flagName(key),
    description: setting?.description ?? '',
    ...(value !== undefined && { value }),
    ...(defaultText !== '' && { defaultText }),
  };
}

/** An empty text or list is no default worth a word. */
function defaultOf(value: unknown): string {
  return value === undefined || value === '' || Array.isArray(value) ? '' : JSON.stringify(value);
}
