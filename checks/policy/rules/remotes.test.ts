import { describe, expect, it } from 'vitest';
import { aPolicy, aRemoteSubject, aSubject } from '../../testing/subjects.ts';
import { evaluatePolicy } from '../evaluate.ts';

const SECRET = 'https://mcp.evil.example/v1/s3cr3t?key=s3cr3t';

it('has nothing to say about a server with pods', () => {
  const policy = aPolicy({ remotes: { hosts: [], requireTLS: true, allowPrivateAddresses: false } });
  expect(evaluatePolicy(policy, aSubject())).toEqual([]);
});

it.each([{ hosts: ['mcp.example.com'] }, { requireTLS: true }, { allowPrivateAddresses: false }])(
  'refuses what is no URL, by %j',
  (remotes) => {
    expect(evaluatePolicy(aPolicy({ remotes }), aRemoteSubject('https://1.2.3.4.5/'))).toMatchObject([
      {
        path: 'spec.source.remote.url',
        value: 'no URL',
        message: 'This is no URL that can be understood, so that nobody can say where it leads.',
      },
    ]);
  },
);

describe('remotes.hosts', () => {
  const policy = aPolicy({ remotes: { hosts: ['mcp.example.com', '*.tools.example.com'] } });

  it.each(['https://mcp.example.com/mcp', 'https://MCP.EXAMPLE.COM.:8443/', 'https://a.tools.example.com/'])(
    'admits %s',
    (url) => {
      expect(evaluatePolicy(policy, aRemoteSubject(url))).toEqual([]);
    },
  );

  it('names the host and what is possible, and never path or query', () => {
    expect(evaluatePolicy(policy, aRemoteSubject(SECRET))).toEqual([
      {
        policy: 'strict',
        rule: 'remotes.hosts',
        severity: 'high',
        path: 'spec.source.remote.url',
        value: 'mcp.evil.example',
        message: 'This host is not allowed here.',
        fix: 'Use a server at mcp.example.com or *.tools.example.com, or ask the owner of the policy to allow this host.',
      },
    ]);
  });

  it('allows nothing when it is empty', () => {
    expect(evaluatePolicy(aPolicy({ remotes: { hosts: [] } }), aRemoteSubject())).toMatchObject([
      { value: 'mcp.example.com', message: 'No server elsewhere is allowed here.' },
    ]);
  });
});

describe('remotes.requireTLS', () => {
  const policy = aPolicy({ remotes: { requireTLS: true } });

  it('admits https', () => {
    expect(evaluatePolicy(policy, aRemoteSubject(SECRET))).toEqual([]);
  });

  it('refuses http, and shows neither path nor query', () => {
    expect(evaluatePolicy(policy, aRemoteSubject('http://mcp.example.com:8080/s3cr3t?key=s3cr3t'))).toEqual([
      {
        policy: 'strict',
        rule: 'remotes.requireTLS',
        severity: 'high',
        path: 'spec.source.remote.url',
        value: 'http://mcp.example.com:8080',
        message: 'The URL is not https, so that everybody on the way can read and change what is said.',
        fix: 'Use a URL that begins with https://.',
      },
    ]);
  });

  it('asks for nothing when it is false', () => {
    expect(
      evaluatePolicy(aPolicy({ remotes: { requireTLS: false } }), aRemoteSubject('http://a.example/')),
    ).toEqual([]);
  });
});

describe('remotes.allowPrivateAddresses', () => {
  const policy = aPolicy({ remotes: { allowPrivateAddresses: false } });
  const verdict = (host: string) => evaluatePolicy(policy, aRemoteSubject(`https://${host}/mcp`));

  it.each([
    'mcp.example.com',
    '8.8.8.8',
    '[2606:4700::1111]',
    'local.example.com',
    'internal-tools.example.com',
  ])('admits %s', (host) => {
    expect(verdict(host)).toEqual([]);
  });

  it.each([
    ['10.1.2.3', '10.1.2.3', 'it is in 10.0.0.0/8'],
    ['172.31.255.255', '172.31.255.255', 'it is in 172.16.0.0/12'],
    ['192.168.0.1', '192.168.0.1', 'it is in 192.168.0.0/16'],
    ['100.64.0.1', '100.64.0.1', 'it is in 100.64.0.0/10'],
    ['127.0.0.1', '127.0.0.1', 'it is in 127.0.0.0/8'],
    ['127.0.0.1.', '127.0.0.1', 'it is in 127.0.0.0/8'],
    ['2130706433', '127.0.0.1', 'it is in 127.0.0.0/8'],
    ['0x7f.1', '127.0.0.1', 'it is in 127.0.0.0/8'],
    ['012.1', '10.0.0.1', 'it is in 10.0.0.0/8'],
    ['0', '0.0.0.0', 'it is in 0.0.0.0/8'],
    ['169.254.169.254', '169.254.169.254', 'it is in 169.254.0.0/16'],
    ['168.63.129.16', '168.63.129.16', 'it is in 168.63.129.16'],
    ['100.100.100.200', '100.100.100.200', 'it is in 100.100.100.200'],
    ['[::1]', '[::1]', 'it is in ::1'],
    ['[fe80::1]', '[fe80::1]', 'it is in fe80::/10'],
    ['[fd00:ec2::254]', '[fd00:ec2::254]', 'it is in fd00:ec2::254'],
    ['[fc00::1]', '[fc00::1]', 'it is in fc00::/7'],
    ['[::ffff:10.0.0.1]', '[::ffff:a00:1]', 'it is in 10.0.0.0/8'],
    ['[::ffff:7f00:1]', '[::ffff:7f00:1]', 'it is in 127.0.0.0/8'],
    ['[64:ff9b::a9fe:a9fe]', '[64:ff9b::a9fe:a9fe]', 'it is in 169.254.0.0/16'],
    ['localhost', 'localhost', 'a name without a dot is known in this cluster or network alone'],
    ['mcp-github', 'mcp-github', 'a name without a dot is known in this cluster or network alone'],
    ['localhost.', 'localhost', 'a name without a dot is known in this cluster or network alone'],
    ['a.localhost', 'a.localhost', 'names under .localhost are known in one cluster or network alone'],
    ['printer.local', 'printer.local', 'names under .local are known in one cluster or network alone'],
    ['a.b.SVC', 'a.b.svc', 'names under .svc are known in one cluster or network alone'],
    [
      'a.b.svc.cluster.local',
      'a.b.svc.cluster.local',
      'names under .local are known in one cluster or network alone',
    ],
    [
      'metadata.google.internal.',
      'metadata.google.internal',
      'names under .internal are known in one cluster or network alone',
    ],
    ['nas.home.arpa', 'nas.home.arpa', 'names under .home.arpa are known in one cluster or network alone'],
  ])('refuses %s', (host, value, reason) => {
    expect(verdict(host)).toEqual([
      {
        policy: 'strict',
        rule: 'remotes.allowPrivateAddresses',
        severity: 'high',
        path: 'spec.source.remote.url',
        value,
        message: `The host is not public: ${reason}.`,
        fix: 'Use the public name of the server.',
      },
    ]);
  });

  it.each([undefined, true])('asks for nothing when it is %s', (allowPrivateAddresses) => {
    const remotes = allowPrivateAddresses === undefined ? {} : { allowPrivateAddresses };
    expect(evaluatePolicy(aPolicy({ remotes }), aRemoteSubject('https://10.0.0.1/'))).toEqual([]);
  });
});
