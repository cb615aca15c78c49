/**
 * What a rule of the second lock is. It is written as a list of what breaks it, every entry with its field first: an update is
 * refused for what is in the list of the new object and not in that of the stored one, as the webhook does it.
 *
 * A rule is never stricter than the webhook's of the same name: where CEL cannot tell, it is silent.
 */
import { joined } from '../cel.ts';

/** A rule of MCPSecurityPolicy that CEL can judge. `server` is the CEL of an MCPServer: `object` or `oldObject`. */
export interface ServerRule {
  /** Path of the field below `spec` of MCPSecurityPolicy. */
  readonly id: string;
  /** CEL: whether the policy sets it. */
  readonly asked: string;
  /** CEL: a list of texts, each what breaks the rule. Never a secret. */
  readonly broken: (server: string) => string;
  /** What is wrong with an entry of the list, and what makes it right. */
  readonly fix: string;
  /** Whether it judges the scale subresource too, where `server` is a Scale. */
  readonly holdsForScale?: boolean;
}

/** CEL: whether the request is one of the scale subresource. There is no `subResource` for the object itself. */
export const IS_SCALE = 'request.?subResource.orValue("") == "scale"';

/** CEL: whether the operator runs pods for the server. */
export function hasPods(server: string): string {
  return `has(${server}.spec.source.image)`;
}

/** One of the lists of containers that a `podTemplate` may have. */
export interface ContainerList {
  /** CEL of the list, empty where there is none. */
  readonly containers: string;
  /** CEL of the path of its container `c`. */
  readonly path: string;
}

/** Both lists of containers of the server. */
export function containerLists(server: string): readonly ContainerList[] {
  return ['containers', 'initContainers'].map((list) => ({
    containers: `${server}.spec.?podTemplate.?spec.?${list}.orValue([])`,
    path: `"spec.podTemplate.spec.${list}[name=" + c.name + "]"`,
  }));
}

/** CEL of one list: the `field` of each container `c` that `condition` holds for. */
export function ofContainers(server: string, condition: string, field: string): string {
  return joined(
    ...containerLists(server).map(
      ({ containers, path }) => `${containers}.filter(c, ${condition}).map(c, ${path} + ".${field}")`,
    ),
  );
}
