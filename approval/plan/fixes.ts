/** For each check that a change of the MCPServer's own spec can satisfy: that change, and how much it may break. */
import { type MCPServerSpec, SERVER_CONTAINER } from '../../api/index.ts';
import type { Risk } from '../action.ts';
import {
  type ContainerSecurity,
  type PodSecurity,
  editBothSecurities,
  editContainers,
  editPod,
  editSecurity,
  without,
} from './edit-spec.ts';
import { closeNetwork } from './network.ts';
import { boundResources } from './resources.ts';

/** How one check is satisfied. */
export interface Fix {
  readonly risk: Risk;
  /** What is done, imperative, as half a sentence. */
  readonly does: string;
  /** @returns a spec that satisfies the check, as far as a spec can. */
  edit(spec: MCPServerSpec): MCPServerSpec;
}

/** By id of the check. Risk: what may stop working for a server that used what is taken away. */
export const FIXES: Readonly<Record<string, Fix>> = {
  'MCP-P11': {
    risk: 'high',
    does: 'switch the transport to Streamable HTTP',
    edit: switchTransport,
  },
  'MCP-W01': {
    risk: 'medium',
    does: 'remove what the Pod Security Standard baseline forbids',
    edit: removeUnconfined,
  },
  'MCP-W02': {
    risk: 'medium',
    does: 'forbid privilege escalation',
    edit: (spec) => editSecurity(spec, (security) => ({ ...security, allowPrivilegeEscalation: false })),
  },
  'MCP-W03': { risk: 'high', does: 'run as a user other than root', edit: leaveRoot },
  'MCP-W04': { risk: 'medium', does: 'drop all capabilities but NET_BIND_SERVICE', edit: dropCapabilities },
  'MCP-W05': { risk: 'low', does: 'set the seccomp profile RuntimeDefault', edit: setSeccomp },
  'MCP-W06': { risk: 'medium', does: 'make the root file systems read-only', edit: closeRoot },
  'MCP-W07': {
    risk: 'low',
    does: 'request CPU and memory, and limit memory and storage',
    edit: boundResources,
  },
  'MCP-W08': {
    risk: 'medium',
    does: 'give the server the ServiceAccount that the operator makes',
    edit: (spec) => editPod(spec, (pod) => without(pod, 'serviceAccountName')),
  },
  'MCP-W09': { risk: 'high', does: 'close what is open to everybody and everything', edit: closeNetwork },
};

/** The customary paths of the two transports; another one is the server's own. */
function switchTransport(spec: MCPServerSpec): MCPServerSpec {
  if (spec.transport.type !== 'SSE') return spec;
  const path = spec.transport.path.replace(/\/sse$/, '/mcp');
  return { ...spec, transport: { ...spec.transport, type: 'StreamableHTTP', path } };
}

/** How AppArmor was set before it had a field; nothing else that baseline forbids can be written in an MCPServer. */
const APP_ARMOR = 'container.apparmor.security.beta.kubernetes.io/';

function removeUnconfined(spec: MCPServerSpec): MCPServerSpec {
  const annotations = spec.podTemplate?.metadata?.annotations;
  if (annotations === undefined) return spec;
  const isKept = ([key, value]: readonly [string, string]): boolean =>
    !key.startsWith(APP_ARMOR) ||
    value === '' ||
    value === 'runtime/default' ||
    value.startsWith('localhost/');
  const kept = Object.fromEntries(Object.entries(annotations).filter(isKept));
  const metadata = { ...spec.podTemplate?.metadata, annotations: kept };
  return { ...spec, podTemplate: { ...spec.podTemplate, metadata } };
}

function leaveRoot(spec: MCPServerSpec): MCPServerSpec {
  return editBothSecurities(spec, <T extends PodSecurity | ContainerSecurity>(security: T): T => {
    const { runAsUser, ...rest } = security;
    return {
      ...rest,
      ...(runAsUser !== undefined && runAsUser !== 0 && { runAsUser }),
      ...(security.runAsNonRoot === false && { runAsNonRoot: true }),
    } as T;
  });
}

function dropCapabilities(spec: MCPServerSpec): MCPServerSpec {
  return editSecurity(spec, ({ capabilities, ...security }) => {
    if (capabilities === undefined) return security;
    const add = (capabilities.add ?? []).filter((name) => name === 'NET_BIND_SERVICE');
    return { ...security, capabilities: { drop: ['ALL'], ...(add.length > 0 && { add }) } };
  });
}

function setSeccomp(spec: MCPServerSpec): MCPServerSpec {
  return editBothSecurities(spec, <T extends PodSecurity | ContainerSecurity>(security: T): T => {
    const { seccompProfile } = security;
    const isSound =
      seccompProfile === undefined || ['RuntimeDefault', 'Localhost'].includes(seccompProfile.type);
    return isSound ? security : { ...security, seccompProfile: { type: 'RuntimeDefault' } };
  });
}

/** The server's own is read-only unless its entry says otherwise; others are writable unless theirs says so. */
function closeRoot(spec: MCPServerSpec): MCPServerSpec {
  return editContainers(spec, (container) => {
    const security: ContainerSecurity = container.securityContext ?? {};
    const isSilent = security.readOnlyRootFilesystem === undefined;
    if (container.name === SERVER_CONTAINER && isSilent) return container;
    return { ...container, securityContext: { ...security, readOnlyRootFilesystem: true } };
  });
}
