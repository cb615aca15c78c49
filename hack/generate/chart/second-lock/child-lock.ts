/**
 * The ValidatingAdmissionPolicy over what runs: Deployments and Pods with the operator's label may not open the node or the API server,
 * whoever writes them. No MCPServer can ask for any of it, so it is refused without looking at policies: it can only come from
 * somebody who goes around the operator, or has tricked it.
 *
 * Pods are judged as they are after others have added to them. Two things are let through there that no Deployment of ours may
 * have, since cluster administrators add them to pods on purpose: the capabilities of a service mesh's init container, and tokens that are meant
 * for somebody else than the API server (workload identity).
 */
import { DEFAULT_CAPABILITIES } from '../../../../checks/podsecurity/capabilities.ts';
import { joined, nothingIn, type Judgement, type Variable } from '../cel.ts';

/** What the init containers of service meshes add, where the mesh has no CNI plugin. */
const MESH_CAPABILITIES = ['NET_ADMIN', 'NET_RAW'];

const IS_POD = 'request.resource.resource == "pods"';

const CONTAINER_LISTS = ['containers', 'initContainers', 'ephemeralContainers'] as const;

/** A field of a container `c`, and CEL that says whether it opens the node. */
const CONTAINER_OPENINGS: readonly { readonly field: string; readonly opens: string }[] = [
  { field: 'securityContext.privileged', opens: 'c.?securityContext.?privileged.orValue(false)' },
  {
    field: 'securityContext.windowsOptions.hostProcess',
    opens: 'c.?securityContext.?windowsOptions.?hostProcess.orValue(false)',
  },
  {
    field: 'securityContext.capabilities.add',
    opens: 'c.?securityContext.?capabilities.?add.orValue([]).exists(a, !(a in variables.capabilities))',
  },
  {
    field: 'securityContext.procMount',
    opens: 'c.?securityContext.?procMount.orValue("Default") != "Default"',
  },
  {
    field: 'securityContext.seccompProfile',
    opens: 'c.?securityContext.?seccompProfile.?type.orValue("") == "Unconfined"',
  },
  {
    field: 'securityContext.appArmorProfile',
    opens: 'c.?securityContext.?appArmorProfile.?type.orValue("") == "Unconfined"',
  },
  { field: 'ports[].hostPort', opens: 'c.?ports.orValue([]).exists(p, p.?hostPort.orValue(0) != 0)' },
];

/** The same of the pod `SPEC`. */
const POD_OPENINGS: readonly { readonly field: string; readonly opens: (spec: string) => string }[] = [
  {
    field: 'securityContext.windowsOptions.hostProcess',
    opens: (spec) => `${spec}.?securityContext.?windowsOptions.?hostProcess.orValue(false)`,
  },
  ...['hostNetwork', 'hostPID', 'hostIPC'].map((field) => ({
    field,
    opens: (spec: string) => `${spec}.?${field}.orValue(false)`,
  })),
  {
    field: 'securityContext.seccompProfile',
    opens: (spec) => `${spec}.?securityContext.?seccompProfile.?type.orValue("") == "Unconfined"`,
  },
  {
    field: 'securityContext.appArmorProfile',
    opens: (spec) => `${spec}.?securityContext.?appArmorProfile.?type.orValue("") == "Unconfined"`,
  },
];

/** @returns what the policy asks of a Deployment and of a Pod. */
export function childLock(): Judgement {
  return {
    matchConditions: [
      {
        name: 'changes',
        expression:
          'request.operation == "CREATE" || (!has(object.metadata.deletionTimestamp) && object.spec != oldObject.spec)',
      },
    ],
    variables: [
      { name: 'field', expression: `${IS_POD} ? "spec." : "spec.template.spec."` },
      {
        name: 'capabilities',
        expression: `${JSON.stringify(DEFAULT_CAPABILITIES)} + (${IS_POD} ? ${JSON.stringify(MESH_CAPABILITIES)} : [])`,
      },
      ...specs(),
      ...news(
        'openings',
        openings,
        ' opens the node to an MCP server: remove it, as no MCPServer can ask for it',
      ),
      ...news(
        'tokens',
        tokens,
        ' gives an MCP server a token for the API server: set automountServiceAccountToken to false and mount none',
      ),
      { name: 'broken', expression: 'variables.openings + variables.tokens' },
    ],
    validations: [nothingIn('broken', 'the pod opens the node or the API server to an MCP server')],
  };
}

/** The specs of the pod now and before. `dyn`, since a Deployment and a Pod have them in different places. */
function specs(): readonly Variable[] {
  const of = (object: string): string =>
    `${IS_POD} ? dyn(${object}).spec : dyn(${object}).spec.template.spec`;
  return [
    { name: 'pod', expression: of('object') },
    { name: 'podBefore', expression: of('oldObject') },
  ];
}

/** What `broken` finds in the old pod, and sentences about what it finds in the new one and did not find there. */
function news(name: string, broken: (spec: string) => string, fix: string): readonly Variable[] {
  const before = `${name}Before`;
  return [
    { name: before, expression: `request.operation == "CREATE" ? [] : ${broken('variables.podBefore')}` },
    {
      name,
      expression: `(${broken('variables.pod')}).filter(b, !(b in variables.${before})).map(b, b + ${JSON.stringify(fix)})`,
    },
  ];
}

function openings(spec: string): string {
  return joined(
    ...POD_OPENINGS.map(({ field, opens }) => `${opens(spec)} ? [variables.field + "${field}"] : []`),
    `${spec}.?volumes.orValue([]).filter(v, has(v.hostPath)).map(v, variables.field + "volumes[name=" + v.name + "].hostPath")`,
    ...CONTAINER_LISTS.flatMap((list) =>
      CONTAINER_OPENINGS.map(
        ({ field, opens }) =>
          `${spec}.?${list}.orValue([]).filter(c, ${opens}).map(c, variables.field + "${list}[name=" + c.name + "].${field}")`,
      ),
    ),
  );
}

/** A pod whose ServiceAccount is mounted shows it as a projected volume by the time it is judged, and before that by its field. */
function tokens(spec: string): string {
  const isToken = `has(s.serviceAccountToken) && !(${IS_POD} && s.serviceAccountToken.?audience.orValue("") != "")`;
  return joined(
    `${spec}.?automountServiceAccountToken.orValue(true) ? [variables.field + "automountServiceAccountToken"] : []`,
    `${spec}.?volumes.orValue([]).filter(v, v.?projected.?sources.orValue([]).exists(s, ${isToken})).map(v, variables.field + "volumes[name=" + v.name + "].projected")`,
  );
}
