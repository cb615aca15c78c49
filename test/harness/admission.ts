/**
 * What the API server says to a write, without writing: a dry run with strict field validation, over one kept-alive
 * connection, so that a test can ask hundreds of times.
 */
import type { RequestOptions } from 'node:https';
import { Agent, request } from 'undici';
import { loadKubeConfig } from './kubeconfig.ts';

/** The API server's verdict: the object as it would store it, or what is wrong with it. */
export type Verdict =
  | { readonly accepted: true; readonly object: Readonly<Record<string, unknown>> }
  | { readonly accepted: false; readonly message: string; readonly causes: readonly string[] };

interface Status {
  readonly message?: string;
  readonly details?: { readonly causes?: readonly { readonly field?: string; readonly message?: string }[] };
}

/** Asks one API server. */
export interface AdmissionClient {
  /** @param path of the collection, such as `/apis/mcp.kilocode.ai/v1alpha1/namespaces/default/mcpservers`. */
  create(path: string, object: unknown): Promise<Verdict>;
  close(): Promise<void>;
}

/** Connects as the kubeconfig's user. */
export async function admissionClient(kubeconfigPath: string): Promise<AdmissionClient> {
  const config = loadKubeConfig(kubeconfigPath);
  const server = config.getCurrentCluster()?.server ?? '';
  const credentials: RequestOptions = {};
  await config.applyToHTTPSOptions(credentials);
  const { ca = '', cert = '', key = '' } = credentials;
  const dispatcher = new Agent({ connections: 8, connect: { ca, cert, key } });
  return {
    create: async (path, object) => {
      const url = `${server}${path}?dryRun=All&fieldValidation=Strict`;
      const headers = { 'content-type': 'application/json' };
      const { statusCode, body } = await request(url, {
        method: 'POST',
        headers,
        body: JSON.stringify(object),
        dispatcher,
      });
      const answer: unknown = await body.json();
      return statusCode < 300
        ? { accepted: true, object: answer as Record<string, unknown> }
        : refusal(answer as Status);
    },
    close: () => dispatcher.close(),
  };
}

function refusal({ message = '', details }: Status): Verdict {
  const causes = details?.causes?.map((cause) => `${cause.field ?? ''}: ${cause.message ?? ''}`) ?? [];
  return { accepted: false, message, causes };
}
