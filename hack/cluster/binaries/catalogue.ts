/**
 * The programs a cluster is made of: versions, where the projects publish them, and how Go builds them. Data only.
 */

/** The Kubernetes version used unless `KUBERNETES_VERSION` says otherwise; the suite also runs on the oldest and newest served. */
export const DEFAULT_KUBERNETES_VERSION = '1.36.3';

const KUBERNETES_PROGRAMS = [
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubelet',
  'kube-proxy',
  'kubectl',
] as const;

/** Names of all programs that can be asked for. */
export const PROGRAM_NAMES = [...KUBERNETES_PROGRAMS, 'etcd', 'helm', 'coredns'] as const;

export type ProgramName = (typeof PROGRAM_NAMES)[number];

/** An official download and the checksum file beside it. */
export interface Download {
  readonly url: string;
  readonly checksumUrl: string;
  /** Path of the program inside a tar archive; absent when the download is the program itself. */
  readonly archiveMember?: string;
}

/** How Go builds a program from the module proxy. */
export interface GoSource {
  readonly module: string;
  readonly version: string;
  readonly package: string;
  /** Text of a main package to build in place of `package`. */
  readonly main?: string;
  /** Values set with `-X`: kubectl, kubelet and helm check versions against the server's. */
  readonly variables: Readonly<Record<string, string>>;
}

/** One program of one version. */
export interface Program {
  readonly name: ProgramName;
  /** Without a leading `v`. */
  readonly version: string;
  /** Folder of the cache shared by the programs of one project and version, such as `kubernetes-1.36.3`. */
  readonly project: string;
  readonly download: Download;
  readonly go: GoSource;
}

/** The machine the programs are for, in Go's words. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
}

/** This machine in Go's words. */
export function currentPlatform(): Platform {
  return { os: process.platform, architecture: process.arch === 'x64' ? 'amd64' : process.arch };
}

const ETCD_VERSION = '3.7.3';
const HELM_VERSION = '3.22.0';
/** Also the tag of the image that `images/node-images.ts` makes of it. */
export const COREDNS_VERSION = '1.15.0';

/** Looks a program up; only the programs of Kubernetes depend on `kubernetesVersion`. */
export function program(name: ProgramName, kubernetesVersion: string, platform: Platform): Program {
  if (name === 'etcd') return etcd(platform);
  if (name === 'helm') return helm(platform);
  if (name === 'coredns') return coredns(platform);
  return kubernetes(name, kubernetesVersion, platform);
}

function kubernetes(name: ProgramName, version: string, { os, architecture }: Platform): Program {
  const url = `https://dl.k8s.io/release/v${version}/bin/${os}/${architecture}/${name}`;
  const [major = '', minor = ''] = version.split('.');
  return {
    name,
    version,
    project: `kubernetes-${version}`,
    download: { url, checksumUrl: `${url}.sha256` },
    go: {
      module: 'k8s.io/kubernetes',
      version: `v${version}`,
      package: `k8s.io/kubernetes/cmd/${name}`,
      variables: {
        'k8s.io/component-base/version.gitVersion': `v${version}`,
        'k8s.io/component-base/version.gitMajor': major,
        'k8s.io/component-base/version.gitMinor': minor,
      },
    },
  };
}

function etcd({ os, architecture }: Platform): Program {
  const release = `https://github.com/etcd-io/etcd/releases/download/v${ETCD_VERSION}`;
  const folder = `etcd-v${ETCD_VERSION}-${os}-${architecture}`;
  return {
    name: 'etcd',
    version: ETCD_VERSION,
    project: `etcd-${ETCD_VERSION}`,
    download: {
      url: `${release}/${folder}.tar.gz`,
      checksumUrl: `${release}/SHA256SUMS`,
      archiveMember: `${folder}/etcd`,
    },
    go: { ...goModule('go.etcd.io/etcd/server/v3', ETCD_VERSION), variables: {} },
  };
}

function helm({ os, architecture }: Platform): Program {
  const url = `https://get.helm.sh/helm-v${HELM_VERSION}-${os}-${architecture}.tar.gz`;
  return {
    name: 'helm',
    version: HELM_VERSION,
    project: `helm-${HELM_VERSION}`,
    download: { url, checksumUrl: `${url}.sha256sum`, archiveMember: `${os}-${architecture}/helm` },
    go: {
      ...goModule('helm.sh/helm/v3', HELM_VERSION),
      package: 'helm.sh/helm/v3/cmd/helm',
      variables: { 'helm.sh/helm/v3/internal/version.version': `v${HELM_VERSION}` },
    },
  };
}

function coredns({ os, architecture }: Platform): Program {
  const release = `https://github.com/coredns/coredns/releases/download/v${COREDNS_VERSION}`;
  const url = `${release}/coredns_${COREDNS_VERSION}_${os}_${architecture}.tgz`;
  return {
    name: 'coredns',
    version: COREDNS_VERSION,
    project: `coredns-${COREDNS_VERSION}`,
    download: { url, checksumUrl: `${url}.sha256`, archiveMember: 'coredns' },
    go: { ...goModule('github.com/coredns/coredns', COREDNS_VERSION), main: COREDNS_MAIN, variables: {} },
  };
}

/** CoreDNS with the plugins that `node/dns.ts` uses: the release's own main package brings three clouds' libraries and takes twice as long. */
const COREDNS_MAIN = `package main

import (
	_ "github.com/coredns/coredns/plugin/cache"
	_ "github.com/coredns/coredns/plugin/errors"
	_ "github.com/coredns/coredns/plugin/forward"
	_ "github.com/coredns/coredns/plugin/health"
	_ "github.com/coredns/coredns/plugin/kubernetes"
	_ "github.com/coredns/coredns/plugin/ready"

	"github.com/coredns/coredns/coremain"
)

func main() { coremain.Run() }
`;

function goModule(module: string, version: string): Omit<GoSource, 'variables'> {
  return { module, version: `v${version}`, package: module };
}
