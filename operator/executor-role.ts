/** `kilo-mcp executor`: makes the changes that people approved, under an identity of its own. Loaded when it is to run. */
import type { Role } from '../cli/index.ts';
import { SETTING_FLAGS } from './operator-role.ts';

/** The flags that say something to a process without controllers and webhooks. */
const KEYS: ReadonlySet<string> = new Set([
  'config',
  'kubeconfig',
  'metricsBindAddress',
  'healthProbeBindAddress',
  'leaderElect',
  'leaderElectionNamespace',
  'logLevel',
]);

/** The role that `kilo-mcp executor` runs. */
export const executorRole: Role = {
  name: 'executor',
  summary: "Run the executor, which makes approved changes: beside an operator, on the operator's store.",
  flags: SETTING_FLAGS.filter(({ key }) => KEYS.has(key)),
  examples: ['%s executor --config=/etc/kilo-mcp/config.yaml       # as the Helm chart runs it'],
  run: async (flags, signal) => {
    const { runExecutor } = await import('./run-operator.ts');
    return runExecutor(flags, signal);
  },
};
