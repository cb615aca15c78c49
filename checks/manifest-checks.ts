/** The rules on manifests as checks: what admission refuses and lint shows is also judged on schedule, with history. */
import { CHECK_RULES } from './catalogue.ts';
import type { Check, Family, RemediationKind } from './engine/check.ts';
import { manifestCheck, type ManifestText } from './engine/manifest-check.ts';

/** By id: why, and what to do. */
const TEXTS: Readonly<Record<string, ManifestText>> = {
  'MCP-C01': about(
    'C',
    'A tag can point to another image tomorrow: only a digest says what really runs, and what was reviewed.',
    'propose',
    'Append the digest of the image that was reviewed to every image reference: name:tag@sha256:...',
  ),
  'MCP-C04': about(
    'C',
    'A program that is fetched at start is chosen by whoever controls the registry at that moment. Nobody has seen it, and no digest covers it.',
    'approval',
    'Build an image that holds the program, or name an exact version of every package that is fetched.',
  ),
  'MCP-C05': {
    ...about(
      'C',
      'A secret in a manifest is in the API server, in backups, in Git and in the output of everybody who may read the object.',
      'none',
      'Put the value into a Secret, refer to it, and replace the credential: it has been read.',
    ),
    podsOnly: false,
  },
  'MCP-W01': about(
    'W',
    'Host namespaces, host paths and added capabilities are the known ways from a container to its node, and an MCP server runs what strangers ask for.',
    'approval',
    'Remove from spec.podTemplate what the Pod Security Standard baseline forbids.',
  ),
  'MCP-W02': about(
    'W',
    'A set-user-ID program gives a process rights that its image was not meant to have.',
    'approval',
    'Set securityContext.allowPrivilegeEscalation to false in every container.',
  ),
  'MCP-W03': about(
    'W',
    'Whoever breaks out of a container as root is root on the node.',
    'approval',
    'Set runAsNonRoot to true and runAsUser to a user other than 0, or set hostUsers to false where the image needs root.',
  ),
  'MCP-W04': about(
    'W',
    'Each capability is a part of root; an MCP server needs none but, rarely, a low port.',
    'approval',
    'Drop ALL capabilities in every container, and add NET_BIND_SERVICE at most.',
  ),
  'MCP-W05': about(
    'W',
    'Most ways out of a container begin with a system call that the server itself never makes.',
    'automatic',
    'Set seccompProfile.type to RuntimeDefault or Localhost.',
  ),
  'MCP-W06': about(
    'W',
    'What cannot write to its own file system cannot keep what it was talked into downloading.',
    'approval',
    'Set readOnlyRootFilesystem to true, and mount an emptyDir where the server writes.',
  ),
  'MCP-W07': about(
    'W',
    'Without limits one client of one server can take the memory and the disk of every other pod on the node.',
    'automatic',
    'Request CPU and memory, and limit memory and ephemeral-storage, in every container.',
  ),
  'MCP-W08': about(
    'W',
    "The token of a ServiceAccount in a pod is the cluster's API in the hands of whoever steers the server.",
    'approval',
    'Leave automountServiceAccountToken false, and give the server a ServiceAccount of its own.',
  ),
  'MCP-W09': about(
    'W',
    'A model that is misled asks its tools to call others: what a server can reach is what an attacker can reach.',
    'approval',
    'Declare clients in spec.network.ingress and destinations in spec.network.egress, and keep metadata addresses out of both.',
  ),
  'MCP-W10': about(
    'W',
    'The namespace is the next fence: without its label the pods beside the server may be anything.',
    'propose',
    'Label the namespace pod-security.kubernetes.io/enforce=restricted, use one of its own, and leave the Service inside the cluster.',
  ),
};

function about(family: Family, rationale: string, kind: RemediationKind, text: string): ManifestText {
  return { family, rationale, remediation: { kind, text }, podsOnly: true };
}

/** In the order of {@link CHECK_RULES}. A rule without its texts is a mistake that a test finds. */
export const MANIFEST_CHECKS: readonly Check[] = CHECK_RULES.flatMap((rule) => {
  const text = TEXTS[rule.id];
  return text === undefined ? [] : [manifestCheck(rule, text)];
});
