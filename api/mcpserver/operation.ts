/**
 * The fields of `spec` that say how the server is run, reached and watched: rollout, network, authentication, probing.
 */
import { Type } from 'typebox';
import { type NetworkPolicyEgressRule, type NetworkPolicyIngressRule, borrow } from '../kubernetes/index.ts';
import { type Static, intOrString, listAtomic, oneOf, validations } from '../schema/build.ts';
import { headersFrom } from './references.ts';

const RollingUpdate = Type.Object(
  {
    maxSurge: Type.Optional(
      intOrString('Pods above replicas during a rollout: a number or a percentage. Without it: 1.'),
    ),
    maxUnavailable: Type.Optional(
      intOrString(
        'Pods that may be missing during a rollout: a number or a percentage. Without it: 0, or 1 when maxSurge is 0.',
      ),
    ),
  },
  { description: 'Pace of a rolling update.' },
);

export const Strategy = Type.Object(
  {
    type: oneOf(['RollingUpdate', 'Recreate'], {
      description:
        'RollingUpdate starts new pods before it stops old ones; Recreate stops the old first, as a ReadWriteOnce volume demands.',
      default: 'RollingUpdate',
    }),
    rollingUpdate: Type.Optional(RollingUpdate),
  },
  {
    description: 'How new pods replace old ones. Ignored with source.remote.',
    default: {},
    ...validations({
      rule: "!has(self.rollingUpdate) || self.type == 'RollingUpdate'",
      message: 'rollingUpdate needs type RollingUpdate: remove one of the two',
    }),
  },
);

export const Network = Type.Object(
  {
    ingress: Type.Optional(
      listAtomic(
        borrow<NetworkPolicyIngressRule>('NetworkPolicyIngressRule', {
          description: 'Who may connect, and to which ports.',
        }),
        {
          description:
            'Rules of a NetworkPolicy that let more callers in. Always open: the operator, and pods of this namespace labelled mcp.kilocode.ai/client: "true". ' +
            'Without entries nobody else gets in.',
          maxItems: 64,
        },
      ),
    ),
    egress: Type.Optional(
      listAtomic(
        borrow<NetworkPolicyEgressRule>('NetworkPolicyEgressRule', {
          description: 'Where the pods may connect to.',
        }),
        {
          description:
            'Rules of a NetworkPolicy that let the server out. Always open: the DNS of the cluster. Without entries it reaches nothing else.',
          maxItems: 64,
        },
      ),
    ),
  },
  {
    description:
      'Openings in the default-deny NetworkPolicy of the pods. It works where the network plugin of the cluster enforces policies.',
  },
);

export const Auth = Type.Object(
  {
    required: Type.Boolean({
      description:
        'The server asks its callers to authenticate: an answer of 401 or 403 to the probe then counts as healthy (Ready), without looking behind it. ' +
        'Give probe.headersFrom a credential to have the server verified in full.',
      default: false,
    }),
    audience: Type.Optional(
      Type.String({
        description:
          'What a token for the server must name as its audience: the canonical URI of the server, as its clients know it. Compliance checks compare what the server says of itself with this.',
        minLength: 1,
        maxLength: 2048,
        ...validations({
          rule: "self.matches('^[A-Za-z][-+.A-Za-z0-9]*:[^ #]+$')",
          message:
            'auth.audience must be an absolute URI without a fragment, such as https://mcp.example.com/mcp',
        }),
      }),
    ),
    issuers: Type.Optional(
      Type.Array(
        Type.String({
          description: 'Issuer of an authorization server: an https URL without query and fragment.',
          minLength: 1,
          maxLength: 2048,
          ...validations({
            rule: "self.matches('^https://[^ /?#@]+(/[^ ?#]*)?$')",
            message:
              'an issuer must be an https URL without user, query and fragment, such as https://login.example.com/realms/mcp',
          }),
        }),
        {
          description:
            'Authorization servers that issue tokens for the server. Compliance checks fetch the public metadata of these, and of nothing else outside of the server.',
          maxItems: 8,
          'x-kubernetes-list-type': 'set',
        },
      ),
    ),
  },
  { description: 'What the server demands of its callers.' },
);

export const Probe = Type.Object(
  {
    intervalSeconds: Type.Integer({
      description:
        'Seconds between two probes of a verified server. Rollouts and restarts of pods are probed at once; failures again after 1, 2, 4 ... 60 s.',
      format: 'int32',
      minimum: 10,
      maximum: 86_400,
      default: 300,
    }),
    timeoutSeconds: Type.Integer({
      description: 'Seconds after which one probe, all of its requests together, counts as failed.',
      format: 'int32',
      minimum: 1,
      maximum: 60,
      default: 10,
    }),
    failureThreshold: Type.Integer({
      description: 'Failed probes in a row that turn Verified to False.',
      format: 'int32',
      minimum: 1,
      maximum: 20,
      default: 3,
    }),
    headersFrom: Type.Optional(
      headersFrom(
        'HTTP headers for the probes of the pods, with values from Secrets. Whoever writes this must be allowed to read those Secrets, and the operator must too: bind the ' +
          'ClusterRole mcp-operator-secret-reader in this namespace. For source.remote use source.remote.headersFrom.',
      ),
    ),
  },
  {
    description: 'When and how the operator asks the server, in MCP, whether it works and what it offers.',
    default: {},
  },
);

/** Openings in the default-deny NetworkPolicy. */
export type Network = Static<typeof Network>;
