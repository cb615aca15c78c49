/**
 * kubectl for tests: what a user would type, against the test's cluster.
 */
import { ensurePrograms, run, silentReporter } from '../../hack/cluster/index.ts';

let program: Promise<string> | undefined;

/** Runs kubectl and resolves with its standard output; rejects with what it said when it fails. `input` becomes its standard input. */
export async function kubectl(
  kubeconfigPath: string,
  args: readonly string[],
  input?: string,
): Promise<string> {
  program ??= ensurePrograms(['kubectl'], { report: silentReporter }).then((programs) => programs.kubectl);
  const options = input === undefined ? {} : { input };
  return run(await program, ['--kubeconfig', kubeconfigPath, ...args], options);
}
