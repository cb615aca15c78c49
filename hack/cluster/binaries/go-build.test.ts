import { describe, expect, it } from 'vitest';
import { program } from './catalogue.ts';
import { buildArguments, renderGoMod } from './go-build.ts';

const linux = { os: 'linux', architecture: 'amd64' };

describe('renderGoMod', () => {
  it('pins the staging modules of Kubernetes to the versions that belong to it', () => {
    const upstream = `module k8s.io/kubernetes

go 1.26.0

require k8s.io/api v0.0.0

replace (
	k8s.io/api => ./staging/src/k8s.io/api
	k8s.io/client-go => ./staging/src/k8s.io/client-go
	example.com/other => example.com/fork v1.0.0
)
`;
    expect(renderGoMod(program('kubelet', '1.36.3', linux).go, upstream).split('\n\n')).toEqual([
      'module kilo-mcp.local/build',
      'go 1.26.0',
      'require k8s.io/kubernetes v1.36.3',
      'replace k8s.io/api => k8s.io/api v0.36.3',
      'replace k8s.io/client-go => k8s.io/client-go v0.36.3',
      '',
    ]);
  });

  it('needs nothing but the module for the others', () => {
    expect(renderGoMod(program('etcd', '1.36.3', linux).go, 'module x\n\ngo 1.25.1\n')).toBe(
      'module kilo-mcp.local/build\n\ngo 1.25.1\n\nrequire go.etcd.io/etcd/server/v3 v3.7.3\n\n',
    );
  });
});

describe('buildArguments', () => {
  it('tells the program its version, which kubectl and kubelet compare with the API server', () => {
    const flags = buildArguments(program('kubectl', '1.33.13', linux).go, '/tmp/kubectl');
    expect(flags).toContain(
      '-s -w -X k8s.io/component-base/version.gitVersion=v1.33.13' +
        ' -X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=33',
    );
    expect(flags.at(-1)).toBe('k8s.io/kubernetes/cmd/kubectl');
  });

  it('builds the main package of its own where there is one', () => {
    expect(buildArguments(program('coredns', '1.36.3', linux).go, '/tmp/coredns').at(-1)).toBe('.');
  });
});
