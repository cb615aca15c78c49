/**
 * Pointers from a server to keys of Secrets and ConfigMaps of its own namespace, and the HTTP headers made from them.
 */
import { Type, type TArray } from 'typebox';
import { type Static, listMap, validations } from '../schema/build.ts';

const SUBDOMAIN = '^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$';
const DATA_KEY = '^[-._a-zA-Z0-9]+$';

/** Headers that belong to HTTP, to MCP or to the prober; a server that needs another value of these cannot be probed. */
const RESERVED_HEADERS = [
  'accept',
  'connection',
  'content-length',
  'content-type',
  'host',
  'mcp-protocol-version',
  'mcp-session-id',
  'transfer-encoding',
];

function keySelector(kind: 'Secret' | 'ConfigMap', content: string) {
  return Type.Object(
    {
      name: Type.String({ description: `Name of the ${kind}.`, pattern: SUBDOMAIN, maxLength: 253 }),
      key: Type.String({
        description: `Key in the ${kind} that holds ${content}.`,
        pattern: DATA_KEY,
        maxLength: 253,
      }),
    },
    {
      description: `A key of a ${kind} of the server's namespace.`,
      'x-kubernetes-map-type': 'atomic',
    },
  );
}

const PEM = 'PEM certificates';

/** Where the certificates that sign the server's own are to be found. */
export const CaBundle = Type.Object(
  {
    configMapKeyRef: Type.Optional(keySelector('ConfigMap', PEM)),
    secretKeyRef: Type.Optional(keySelector('Secret', PEM)),
  },
  {
    description:
      "Certificate authorities, in PEM, that sign the server's certificate. Without it the operator trusts the public ones. " +
      'A ConfigMap is the better place: a CA is not secret, and reading a Secret needs the ClusterRole mcp-operator-secret-reader bound in this namespace.',
    ...validations({
      rule: 'has(self.configMapKeyRef) != has(self.secretKeyRef)',
      message: 'caBundle needs exactly one of configMapKeyRef and secretKeyRef',
    }),
  },
);

const HeaderFrom = Type.Object(
  {
    name: Type.String({
      description: 'Name of the HTTP header, such as Authorization.',
      minLength: 1,
      maxLength: 128,
      ...validations(
        {
          rule: String.raw`self.matches(r"^[-!#$%&'*+.^_|~0-9A-Za-z` + '`' + String.raw`]+$")`,
          message:
            "a header name holds only letters, digits and -!#$%&'*+.^_|~`, e.g. Authorization (without a colon)",
        },
        {
          rule: `!(self.lowerAscii() in ${JSON.stringify(RESERVED_HEADERS)})`,
          message: `the operator itself sets this header: remove it (reserved: ${RESERVED_HEADERS.join(', ')})`,
        },
      ),
    }),
    secretKeyRef: keySelector('Secret', "the header's whole value, such as `Bearer ...`"),
  },
  { description: 'One HTTP header and where its value comes from.' },
);

/** One HTTP header and where its value comes from. */
export type HeaderFrom = Static<typeof HeaderFrom>;

/** @returns the list of headers that the operator adds to its own requests. */
export function headersFrom(description: string): TArray<typeof HeaderFrom> {
  return listMap(HeaderFrom, ['name'], {
    description,
    // Admission asks for the creator's right to read each Secret, one costly question a slot.
    maxItems: 8,
    rules: [
      {
        rule: 'self.all(h, self.exists_one(o, o.name.lowerAscii() == h.name.lowerAscii()))',
        message: 'two headers have the same name (letter case does not count): keep one',
      },
    ],
  });
}
