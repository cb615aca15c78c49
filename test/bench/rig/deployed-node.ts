/** How Node runs where users run it, so that what is measured is what they get: the image's flags and the chart's memory limit. */
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';

const IMAGE = new URL('../../../Dockerfile', import.meta.url);
const CHART_VALUES = new URL('../../../charts/mcp-operator/values.yaml', import.meta.url);
const CHART_POD = new URL('../../../charts/mcp-operator/templates/_pod.tpl', import.meta.url);

/**
 * @returns flags of `node`. The chart's share of the container's limit becomes an absolute size, because the rig has no container.
 * @throws Error naming the file that no longer says what is looked for.
 */
export async function deployedNodeFlags(): Promise<readonly string[]> {
  const [image, values, pod] = await Promise.all(
    [IMAGE, CHART_VALUES, CHART_POD].map((file) => readFile(file, 'utf8')),
  );
  const [, entrypoint = ''] = /^ENTRYPOINT (\[.*\])$/m.exec(image ?? '') ?? [];
  const [, share = ''] = /--max-old-space-size-percentage=(\d+)/.exec(pod ?? '') ?? [];
  const { resources }: ChartValues = parse(values ?? '');
  const limitMiB = mebibytes(resources.limits.memory);
  if (entrypoint === '' || share === '') throw new Error('Dockerfile or _pod.tpl: no flags of Node found');
  const flags = (JSON.parse(entrypoint) as string[]).filter((argument) => argument.startsWith('--'));
  return [...flags, `--max-old-space-size=${Math.floor((limitMiB * Number(share)) / 100)}`];
}

/** @returns the allocator's setting from the image. The compile cache is not taken over: a start from the source tree has none to find. */
export async function deployedEnvironment(): Promise<Readonly<Record<string, string>>> {
  const [, arenas] = /MALLOC_ARENA_MAX=(\d+)/.exec(await readFile(IMAGE, 'utf8')) ?? [];
  if (arenas === undefined) throw new Error('Dockerfile: no MALLOC_ARENA_MAX found');
  return { MALLOC_ARENA_MAX: arenas };
}

interface ChartValues {
  readonly resources: { readonly limits: { readonly memory: string } };
}

function mebibytes(quantity: string): number {
  const [, count = ''] = /^(\d+)Mi$/.exec(quantity) ?? [];
  if (count === '') throw new Error('charts/mcp-operator/values.yaml: resources.limits.memory is not in Mi');
  return Number(count);
}
