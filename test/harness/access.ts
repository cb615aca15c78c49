/**
 * A kubeconfig without a client library: where the API server is, whom to trust, and who we are. For clients of the tests that must
 * not share code with what they test.
 */
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';

/** What a TLS client needs; `token` goes into the Authorization header. */
export interface Access {
  readonly server: string;
  readonly ca: Buffer;
  readonly cert?: Buffer | undefined;
  readonly key?: Buffer | undefined;
  readonly token?: string | undefined;
}

/** The parts of a kubeconfig that are understood: what `hack/cluster` writes, and a token. */
interface Kubeconfig {
  readonly clusters: readonly {
    readonly cluster: { readonly server: string; readonly 'certificate-authority-data': string };
  }[];
  readonly users: readonly {
    readonly user: {
      readonly 'client-certificate-data'?: string;
      readonly 'client-key-data'?: string;
      readonly token?: string;
    };
  }[];
}

/** Reads the first cluster and user of a kubeconfig. */
export async function readAccess(path: string): Promise<Access> {
  const config = parse(await readFile(path, 'utf8')) as Kubeconfig;
  const cluster = config.clusters[0]?.cluster;
  const user = config.users[0]?.user;
  if (cluster === undefined || user === undefined) throw new Error(`${path} names no cluster or no user`);
  return {
    server: cluster.server,
    ca: Buffer.from(cluster['certificate-authority-data'], 'base64'),
    cert: decode(user['client-certificate-data']),
    key: decode(user['client-key-data']),
    token: user.token,
  };
}

function decode(text: string | undefined): Buffer | undefined {
  return text === undefined ? undefined : Buffer.from(text, 'base64');
}
