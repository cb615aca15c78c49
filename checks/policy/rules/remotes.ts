/** `remotes`: which servers elsewhere may be used. Judged is what the URL says; where its name leads, the operator asks when it connects. */
import ipaddr from 'ipaddr.js';
// Not by the room's index, which loads an MCP client that nothing here needs.
import { createAddressPolicy } from '../../../mcp/address-policy.ts';
import type { Breach } from '../../check.ts';
import type { Subject } from '../../subject.ts';
import { hostPatternProblem, isHostAllowed, parseRemoteURL } from '../host-pattern.ts';
import { type RuleGroup, entryProblems, oneOf, policyRule } from '../policy-rule.ts';

const PATH = 'spec.source.remote.url';

/** The parts of a URL that are no secret: paths and queries may hold one. */
type Remote = NonNullable<ReturnType<typeof parseRemoteURL>>;

function judgeRemote(
  { server }: Subject,
  judge: (remote: Remote) => Omit<Breach, 'path'> | undefined,
): readonly Breach[] {
  const url = server.spec.source.remote?.url;
  if (url === undefined) return [];
  const remote = parseRemoteURL(url);
  const breach = remote === undefined ? UNREADABLE : judge(remote);
  return breach === undefined ? [] : [{ path: PATH, ...breach }];
}

const UNREADABLE: Omit<Breach, 'path'> = {
  value: 'no URL',
  message: 'This is no URL that can be understood, so that nobody can say where it leads.',
  fix: 'Write it like https://mcp.example.com/mcp.',
};

const hosts = policyRule({
  id: 'remotes.hosts',
  severity: 'high',
  title: 'servers elsewhere are on hosts that are allowed',
  judge: (subject, { remotes }) => {
    const patterns = remotes?.hosts;
    if (patterns === undefined) return [];
    return judgeRemote(subject, ({ host }) =>
      isHostAllowed(patterns, host) ? undefined : notAllowed(host, patterns),
    );
  },
});

function notAllowed(host: string, patterns: readonly string[]): Omit<Breach, 'path'> {
  if (patterns.length === 0)
    return {
      value: host,
      message: 'No server elsewhere is allowed here.',
      fix: 'Run the server in the cluster (source.image), or ask the owner of the policy to allow the host.',
    };
  return {
    value: host,
    message: 'This host is not allowed here.',
    fix: `Use a server at ${oneOf(patterns)}, or ask the owner of the policy to allow this host.`,
  };
}

const requireTLS = policyRule({
  id: 'remotes.requireTLS',
  severity: 'high',
  title: 'servers elsewhere are reached by https',
  judge: (subject, { remotes }) => {
    if (remotes?.requireTLS !== true) return [];
    return judgeRemote(subject, ({ scheme, origin }) =>
      scheme === 'https:' ? undefined : { value: origin, ...PLAINTEXT },
    );
  },
});

const PLAINTEXT = {
  message: 'The URL is not https, so that everybody on the way can read and change what is said.',
  fix: 'Use a URL that begins with https://.',
};

const allowPrivateAddresses = policyRule({
  id: 'remotes.allowPrivateAddresses',
  severity: 'high',
  title: 'servers elsewhere are at public addresses',
  judge: (subject, { remotes }) => {
    if (remotes?.allowPrivateAddresses !== false) return [];
    return judgeRemote(subject, ({ host }) => {
      const reason = whyPrivate(host);
      return reason === undefined
        ? undefined
        : {
            value: host,
            message: `The host is not public: ${reason}.`,
            fix: 'Use the public name of the server.',
          };
    });
  },
});

/** Loopback, link-local, metadata and reserved addresses are refused by the policy of the probe itself; these are what people call private. */
const isPublicAddress = createAddressPolicy({
  refused: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '198.18.0.0/15', 'fc00::/7'],
  allowed: [],
});

/**
 * Names that no public DNS answers.
 * @see RFC 6761 (localhost), RFC 6762 (local), RFC 8375 (home.arpa); ICANN reserved `internal` in 2024; `svc` is of Kubernetes.
 */
export const PRIVATE_DOMAINS = ['local', 'localhost', 'internal', 'home.arpa', 'svc'];

function whyPrivate(host: string): string | undefined {
  const address = host.replace(/^\[(.*)\]$/, '$1');
  if (ipaddr.isValid(address)) {
    const decision = isPublicAddress(address);
    return decision.kind === 'refused' ? decision.reason : undefined;
  }
  if (!host.includes('.')) return 'a name without a dot is known in this cluster or network alone';
  const domain = PRIVATE_DOMAINS.find((name) => host.endsWith(`.${name}`));
  return domain && `names under .${domain} are known in one cluster or network alone`;
}

export const remoteRules: RuleGroup = {
  rules: [hosts, requireTLS, allowPrivateAddresses],
  problems: ({ remotes }) => entryProblems('spec.remotes.hosts', remotes?.hosts, hostPatternProblem),
};
