/**
 * Helm for tests: what a user would type, and what the chart renders to, as objects.
 */
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import { ensurePrograms, kubernetesVersion, run, silentReporter } from '../../hack/cluster/index.ts';

/** The chart's folder. */
export const CHART = fileURLToPath(new URL('../../charts/mcp-operator', import.meta.url));

/** A rendered object, as far as every test needs it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

let program: Promise<string> | undefined;

/** Runs Helm and resolves with its standard output; rejects with what it said when it fails. `values` become its values file. */
export async function helm(args: readonly string[], values: object = {}): Promise<string> {
  program ??= ensurePrograms(['helm'], { report: silentReporter }).then((programs) => programs.helm);
  const takesValues = ['template', 'install', 'upgrade', 'lint'].includes(args[0] ?? '');
  return run(await program, takesValues ? [...args, '--values', '-'] : args, {
    input: JSON.stringify(values),
  });
}

/** Renders the chart as release `mcp-operator` in `mcp-system`, for the Kubernetes that the tests run on. */
export async function render(values: object = {}, ...args: readonly string[]): Promise<Manifest[]> {
  const text = await helm(
    [
      'template',
      'mcp-operator',
      CHART,
      '--namespace=mcp-system',
      `--kube-version=${kubernetesVersion()}`,
      ...args,
    ],
    values,
  );
  return parseAllDocuments(text).flatMap((document) => {
    const object: unknown = document.toJS();
    return isManifest(object) ? [object] : [];
  });
}

/** The only rendered object of this kind and name. */
export function find(manifests: readonly Manifest[], kind: string, name = 'mcp-operator'): Manifest {
  const found = manifests.filter((object) => object.kind === kind && object.metadata.name === name);
  const [object] = found;
  if (object === undefined || found.length > 1) throw new Error(`${found.length} objects ${kind} ${name}`);
  return object;
}

function isManifest(value: unknown): value is Manifest {
  return typeof value === 'object' && value !== null && 'kind' in value && 'metadata' in value;
}
