/**
 * Which controls of which frameworks each check speaks to. The mapping is data: one file a framework, in the shape of Trivy's compliance
 * specifications, control to checks. A profile may add controls of its own; these come with the program.
 */
import cisKubernetes from './cis-kubernetes.json' with { type: 'json' };
import nist from './nist-800-53-r5.json' with { type: 'json' };
import aisvs from './owasp-aisvs.json' with { type: 'json' };
import mcpTop10 from './owasp-mcp-top-10.json' with { type: 'json' };

/** One framework, as its file has it. */
export interface Framework {
  /** Such as `nist-800-53-r5`: the key in findings and reports. */
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly version: string;
  readonly relatedResources: readonly string[];
  readonly controls: readonly Control[];
}

export interface Control {
  /** As auditors cite it: `SC-7`. */
  readonly id: string;
  readonly name: string;
  readonly checks: readonly { readonly id: string }[];
}

/** Every framework, in the order of the reports. */
export const FRAMEWORKS: readonly Framework[] = [nist.spec, cisKubernetes.spec, mcpTop10.spec, aisvs.spec];

const BY_CHECK = byCheck(FRAMEWORKS);

/** @returns framework to controls, such as `{"nist-800-53-r5": ["SC-7"]}`; empty for a check that no framework names. */
export function controlsOf(checkId: string): Readonly<Record<string, readonly string[]>> {
  return BY_CHECK.get(checkId) ?? {};
}

function byCheck(
  frameworks: readonly Framework[],
): ReadonlyMap<string, Readonly<Record<string, readonly string[]>>> {
  const found = new Map<string, Record<string, string[]>>();
  for (const { id: framework, controls } of frameworks) {
    for (const { id: control, checks } of controls) {
      for (const { id } of checks) {
        const entry = found.get(id) ?? {};
        entry[framework] = [...(entry[framework] ?? []), control];
        found.set(id, entry);
      }
    }
  }
  return found;
}
