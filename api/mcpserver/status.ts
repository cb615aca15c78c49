/**
 * `status` of an MCPServer: written by the operator alone, and only when something changed.
 */
import { Type } from 'typebox';
import { Conditions } from '../conditions.ts';
import { type Static, oneOf } from '../schema/build.ts';

const count = (description: string) => Type.Integer({ description, format: 'int32', minimum: 0 });
const time = (description: string) => Type.String({ description, format: 'date-time' });
const text = (description: string, maxLength: number) => Type.String({ description, maxLength });

const Address = Type.Object(
  { url: text('URL for MCP clients.', 2048) },
  { description: 'Where clients reach the server. There while it is verified, or asks for credentials.' },
);

const Image = Type.Object(
  {
    ref: text('The image as the pods ask for it.', 512),
    digest: Type.Optional(text('Digest of what a node made of it.', 128)),
  },
  { description: 'The image that runs.' },
);

const Protocol = Type.Object(
  {
    era: oneOf(['legacy', 'modern', 'dual'], {
      description: 'legacy: with sessions, up to 2025-11-25. modern: stateless, from 2026-07-28. dual: both.',
    }),
    version: text('Revision of MCP that the last successful probe spoke.', 64),
    serverInfo: Type.Optional(
      Type.Object(
        { name: text('Name.', 128), version: text('Version.', 128) },
        { description: 'What the server calls itself. Its own words: decide nothing on them.' },
      ),
    ),
    capabilities: Type.Optional(
      Type.Array(text('One capability.', 64), {
        description: 'Capabilities that the server announced, sorted.',
        maxItems: 32,
        'x-kubernetes-list-type': 'set',
      }),
    ),
  },
  { description: 'What the last successful probe learned about the protocol.' },
);

const Definitions = Type.Object(
  {
    tools: count('Number of tools.'),
    prompts: count('Number of prompts.'),
    resourceTemplates: count('Number of resource templates.'),
    hash: Type.String({
      description:
        'SHA-256 over all tools, prompts, resource templates and instructions, in canonical JSON. Resources are data and not part of it.',
      pattern: '^sha256:[a-f0-9]{64}$',
      maxLength: 71,
    }),
    changedAt: time('When the hash last changed.'),
  },
  { description: 'What the server offers, by the last successful probe.' },
);

const LastProbe = Type.Object(
  {
    outcome: oneOf(['Verified', 'AuthRequired', 'Failed'], {
      description: 'How it ended: Verified, AuthRequired or Failed.',
    }),
    reason: text('The reason, as in the condition Verified.', 128),
    since: time('When a probe first ended so.'),
    podTemplateHash: Type.Optional(
      text(
        'Hash of the pod template that was probed: the annotation mcp.kilocode.ai/template-hash of its pods. Not for a remote source.',
        63,
      ),
    ),
  },
  {
    description: 'The last probe. It changes only when its outcome, its reason or the pod template changes.',
  },
);

const Compliance = Type.Object(
  {
    score: Type.Optional(
      Type.Integer({
        description: 'Lowest score of the checks that cover the server, in percent.',
        format: 'int32',
        minimum: 0,
        maximum: 100,
      }),
    ),
    coverage: Type.Optional(
      Type.Integer({
        description: 'Lowest coverage of the checks that cover the server, in percent.',
        format: 'int32',
        minimum: 0,
        maximum: 100,
      }),
    ),
    failed: count('Checks that failed or broke, each once.'),
    lastRun: time('When the server was last checked.'),
    subject: Type.Optional(
      text(
        'What was checked: a hash over generation, labels, image digest and definitions. A change of it is checked anew.',
        71,
      ),
    ),
  },
  {
    description:
      'What the ComplianceChecks and ClusterComplianceChecks that cover the server found. Absent while none has.',
  },
);

const Baseline = Type.Object(
  {
    hash: Type.String({
      description: 'The accepted definitions.hash.',
      pattern: '^sha256:[a-f0-9]{64}$',
      maxLength: 71,
    }),
    request: text('Name of the executed ApprovalRequest.', 253),
    acceptedAt: time('When it was executed.'),
  },
  {
    description:
      'Definitions that were accepted by an executed AcceptDefinitions; others turn Verified to False. Absent: a change is reported only.',
  },
);

const Quarantine = Type.Object(
  {
    request: text('Name of the executed ApprovalRequest.', 253),
    since: time('When it was executed.'),
  },
  {
    description: 'The server was stopped by an executed Quarantine: no pods, no probes. Absent: it was not.',
  },
);

export const MCPServerStatus = Type.Object(
  {
    observedGeneration: Type.Optional(
      Type.Integer({
        description: 'Generation of the spec that this status was concluded from.',
        format: 'int64',
        minimum: 0,
      }),
    ),
    conditions: Type.Optional(Conditions),
    address: Type.Optional(Address),
    protocol: Type.Optional(Protocol),
    definitions: Type.Optional(Definitions),
    lastProbe: Type.Optional(LastProbe),
    compliance: Type.Optional(Compliance),
    image: Type.Optional(Image),
    baseline: Type.Optional(Baseline),
    quarantine: Type.Optional(Quarantine),
    pendingApprovals: Type.Optional(count('ApprovalRequests about the server that wait for people.')),
    sessionAffinity: Type.Optional(
      oneOf(['ClientIP', 'None'], { description: 'Session affinity in effect on the Service.' }),
    ),
    replicas: Type.Optional(count('Pods that exist.')),
    readyReplicas: Type.Optional(count('Pods that are ready.')),
    selector: Type.Optional(text('Label selector of the pods, for the scale subresource.', 253)),
  },
  { description: 'What the operator found. Written by it alone.' },
);
/** Observed state. */
export type MCPServerStatus = Static<typeof MCPServerStatus>;
