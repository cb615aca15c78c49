import { describe, expect, it } from 'vitest';
import { instance } from '../instance.ts';
import { cgroupMounts } from './cgroups.ts';
import { corefile, dnsObjects, hasNameServer } from './dns.ts';
import { inNamespace, masqueradeRules } from './network.ts';
import { containerdToml, kubeletConfig, nodePaths } from './settings.ts';
import { mountsBelow } from './teardown.ts';

const cluster = instance(2, '/srv/my "cluster"');
const paths = nodePaths(cluster);

describe('cgroupMounts', () => {
  it.each([
    {
      reason: 'one hierarchy (cgroup v2)',
      mounts: 'cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\nproc /proc proc rw 0 0\n',
      expected: ['/sys/fs/cgroup'],
    },
    {
      reason: 'one for each controller (v1) beside v2',
      mounts:
        'tmpfs /sys/fs/cgroup tmpfs rw 0 0\ncgroup /sys/fs/cgroup/cpu cgroup rw,cpu 0 0\n' +
        'cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n',
      expected: ['/sys/fs/cgroup/cpu', '/sys/fs/cgroup/unified'],
    },
  ])('finds $reason', ({ mounts, expected }) => {
    expect(cgroupMounts(mounts)).toEqual(expected);
  });
});

describe('mountsBelow', () => {
  const line = (point: string): string => `36 35 98:0 / ${point} rw,noatime master:1 - ext3 /dev/root rw`;
  const mountinfo = ['/', '/srv/a', '/srv/a/pods/1', '/srv/ab', '/srv/a\\040b/x', ''].map(line).join('\n');

  it('finds mounts of a folder and not of its neighbours, innermost first', () => {
    expect(mountsBelow(mountinfo, ['/srv/a'])).toEqual(['/srv/a/pods/1', '/srv/a']);
  });

  it('reads blanks in paths', () => {
    expect(mountsBelow(mountinfo, ['/srv/a b'])).toEqual(['/srv/a b/x']);
  });
});

describe('the configuration of the node', () => {
  it('keeps everything of containerd in places of this instance', () => {
    const toml = containerdToml(paths, '/usr/lib/cni');
    expect(toml).toContain('root = "/srv/my \\"cluster\\"/node/containerd"');
    expect(toml).toContain('address = "/run/kilo-mcp-2/containerd.sock"');
  });

  it('gives the kubelet a cgroup of its own and no anonymous callers', () => {
    const server = { certificate: '/k.crt', key: '/k.key' };
    expect(kubeletConfig(cluster, paths, { authority: '/ca.crt', server, resolvConf: '/r' })).toMatchObject({
      cgroupRoot: '/kilo-mcp-2',
      clusterDNS: [cluster.dnsAddress],
      authentication: { anonymous: { enabled: false }, x509: { clientCAFile: '/ca.crt' } },
    });
  });

  it('enters the namespace of this instance and changes nothing else', () => {
    expect(inNamespace(cluster.network, 'kubelet', ['--v=2'])).toEqual([
      'nsenter',
      '--net=/run/netns/kilo-mcp-2',
      'kubelet',
      '--v=2',
    ]);
  });

  it('hides only what leaves the machine behind its address', () => {
    expect(masqueradeRules(cluster.network)).toContain(
      'ip saddr { 10.88.32.0/20, 10.87.2.2 } oifname != "kilo-mcp-2" masquerade',
    );
  });
});

describe('DNS', () => {
  it.each([
    { text: 'nameserver 10.0.0.1\n', expected: true },
    { text: '  nameserver fd00::1', expected: true },
    { text: '# nameserver 10.0.0.1\nsearch example.org\n', expected: false },
    { text: '', expected: false },
  ])('sees whether $text names a server', ({ text, expected }) => {
    expect(hasNameServer(text)).toBe(expected);
  });

  it('forwards only where there is somebody to forward to', () => {
    expect(corefile(true)).toContain('forward . /etc/resolv.conf');
    expect(corefile(false)).not.toContain('forward');
  });

  it('has the address that the kubelet tells pods', () => {
    expect(JSON.stringify(dnsObjects(cluster.dnsAddress, true))).toContain('"clusterIP":"10.96.32.10"');
  });
});
