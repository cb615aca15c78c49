/**
 * `spec.source`: what an MCPServer is made of. Exactly one member, so that each later kind of source is one more.
 */
import { Type } from 'typebox';
import { type LocalObjectReference, borrow } from '../kubernetes/index.ts';
import { listMap, oneOf, validations } from '../schema/build.ts';
import { headersFrom } from './references.ts';

const HOST = String.raw`[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?(\.[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?)*|\[[a-fA-F0-9:.]+\]`;
const PORT = '6553[0-5]|655[0-2][0-9]|65[0-4][0-9]{2}|6[0-4][0-9]{3}|[1-5][0-9]{4}|[1-9][0-9]{0,3}';
const PATH_COMPONENT = String.raw`[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`;
/** The grammar of distribution/reference, without digests, which have a rule of their own. */
const IMAGE = `^((${HOST})(:(${PORT}))?/)?${PATH_COMPONENT}(/${PATH_COMPONENT})*(:[A-Za-z0-9_][-A-Za-z0-9_.]{0,127})?(@.*)?$`;

const ImageSource = Type.Object(
  {
    ref: Type.String({
      description:
        'Reference of the image: registry/repository:tag, registry/repository@sha256:<digest>, or both. Pin the digest in production: a tag may ' +
        'mean another program tomorrow.',
      minLength: 1,
      maxLength: 512,
      ...validations(
        {
          rule: "!self.contains('://')",
          message: 'write the image without a scheme, e.g. ghcr.io/example/server:1.2.3',
        },
        {
          rule: `self.contains('://') || self.matches(r'${IMAGE}')`,
          message:
            'not an image reference: lower-case repository, optional registry in front, optional :tag and @sha256:<digest> behind, e.g. ghcr.io/example/server:1.2.3',
        },
        {
          rule: "!self.contains('@') || self.matches('^[^@]+@sha256:[a-f0-9]{64}$')",
          message: 'the digest after @ must be sha256: and 64 lower-case hexadecimal digits',
        },
      ),
    }),
    imagePullPolicy: Type.Optional(
      oneOf(['Always', 'IfNotPresent', 'Never'], {
        description:
          'When the node asks the registry: Always, IfNotPresent or Never. Without it Kubernetes decides: Always for the tag latest, else IfNotPresent.',
      }),
    ),
    imagePullSecrets: Type.Optional(
      listMap(borrow<LocalObjectReference>('LocalObjectReference', PULL_SECRET()), ['name'], {
        description:
          'Secrets of this namespace, of type kubernetes.io/dockerconfigjson, that open the registry.',
        maxItems: 8,
      }),
    ),
  },
  {
    description:
      'A container image that serves MCP over HTTP. The operator runs it hardened, in pods of its own.',
  },
);

function PULL_SECRET() {
  return {
    description: 'A Secret of this namespace.',
    required: ['name'],
    fields: { name: { description: 'Name of the Secret.', minLength: 1, maxLength: 253 } },
  };
}

const RemoteSource = Type.Object(
  {
    url: Type.String({
      description:
        'The MCP endpoint, such as https://mcp.example.com/mcp. Addresses inside the cluster are refused unless the ' +
        'operator is installed with probe.allowedCIDRs that open them.',
      minLength: 1,
      maxLength: 2048,
      ...validations(
        {
          rule: "self.matches('^https?://')",
          message: 'url must begin with https:// or http://, e.g. https://mcp.example.com/mcp',
        },
        {
          rule: `!self.matches('^https?://') || self.matches(r'^https?://([^/?#]*@)?(${HOST})(:(${PORT}))?([/?#]|$)')`,
          message:
            'url needs a host after the scheme, and a port, if any, from 1 to 65535, e.g. https://mcp.example.com:8443/mcp',
        },
        {
          rule: "!self.matches('^https?://[^/?#]*@')",
          message: 'url must not hold credentials: put them in a Secret and name it in headersFrom',
        },
        {
          rule: "self.matches('^[!-~]*$')",
          message: 'url holds a space or a character that is not ASCII: percent-encode it',
        },
        { rule: "!self.contains('#')", message: 'url must not hold a fragment: remove # and what follows' },
      ),
    }),
    headersFrom: Type.Optional(
      headersFrom(
        'HTTP headers for every request of the operator to this server, with values from Secrets. Whoever writes this must be allowed to read those Secrets, and ' +
          'the operator must too: bind the ClusterRole mcp-operator-secret-reader in this namespace.',
      ),
    ),
  },
  {
    description:
      'An MCP server that runs elsewhere. The operator makes no pods; it probes the endpoint and reports.',
  },
);

export const Source = Type.Object(
  { image: Type.Optional(ImageSource), remote: Type.Optional(RemoteSource) },
  {
    description: 'What the server is made of: exactly one of image and remote.',
    ...validations({
      rule: 'has(self.image) != has(self.remote)',
      message: 'source needs exactly one of image and remote',
    }),
  },
);
