/**
 * The corpus on a real API server with its webhooks: admission finds in every manifest what its label says, and nothing else, as `kilo-mcp
 * lint` does without a cluster.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GROUP, VERSION } from '../../api/index.ts';
import { startControlPlane, type ControlPlane } from '../../hack/cluster/index.ts';
import { isRefusedByForm, loadCorpus, type CorpusManifest } from '../corpus/corpus.ts';
import { kubectl } from '../harness/kubectl.ts';
import { mcpServersPath } from '../harness/mcp-server.ts';
import { person, type Person, type Reply } from '../harness/person.ts';
import { applyResourceDefinitions } from '../harness/resource-definitions.ts';
import { waitFor } from '../harness/wait.ts';
import { createTestWebhooks, type TestWebhooks } from '../harness/webhooks.ts';

const corpus = loadCorpus();
/** Admission says of these only in the audit log what it found. */
const silent = new Set(
  corpus.policies.filter(({ spec }) => spec.enforcement === 'Audit').map(({ metadata }) => metadata.name),
);

let directory: string;
let controlPlane: ControlPlane;
let webhooks: TestWebhooks;
let alice: Person;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'corpus-admission-'));
  controlPlane = await startControlPlane({ directory: join(directory, 'cluster') });
  const { kubeconfigPath } = controlPlane;
  await applyResourceDefinitions(kubeconfigPath);
  const items = [...corpus.namespaces, ...corpus.policies];
  const objects = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  await kubectl(kubeconfigPath, ['create', '-f', '-'], objects);
  await kubectl(kubeconfigPath, [
    'create',
    'clusterrolebinding',
    'alice',
    '--clusterrole=cluster-admin',
    '--user=alice',
  ]);
  webhooks = await createTestWebhooks(kubeconfigPath);
  await webhooks.start();
  await webhooks.configure();
  await waitFor(() => Object.keys(webhooks.policies()).length === corpus.policies.length, {
    description: 'every policy to be known',
  });
  alice = await person(kubeconfigPath, 'alice');
});

afterAll(async () => {
  await Promise.all([alice.close(), webhooks.close()]);
  await controlPlane.stop();
  await rm(directory, { recursive: true, force: true });
});

function dryRun({ object }: CorpusManifest): Promise<Reply> {
  const { namespace = 'default' } = object.metadata;
  const path =
    object.kind === 'MCPServer' ? mcpServersPath(namespace) : `/apis/${GROUP}/${VERSION}/mcpsecuritypolicies`;
  return alice.request('POST', `${path}?dryRun=All`, object);
}

interface Cause {
  readonly field?: string;
  readonly message?: string;
}

function causesOf({ body }: Reply): readonly Cause[] {
  const details = body['details'] as { readonly causes?: readonly Cause[] } | undefined;
  return details?.causes ?? [];
}

/** `policy production, images.allowed: …` is `production/images.allowed`. */
function rulesIn(texts: readonly string[]): readonly string[] {
  return texts.flatMap((text) => {
    const [, policy, rule] = /^policy (\S+), ([A-Za-z.]+):/.exec(text) ?? [];
    return policy === undefined ? [] : [`${policy}/${rule}`];
  });
}

function foundByAdmission({ object }: CorpusManifest, reply: Reply): readonly string[] {
  const causes = causesOf(reply);
  const labels =
    object.kind === 'MCPServer'
      ? rulesIn([...causes.map(({ message = '' }) => message), ...reply.warnings])
      : causes.map(({ field = '' }) => `policy:${field}`);
  return [...new Set(labels)].toSorted();
}

describe('the corpus at admission', () => {
  const admitted = corpus.manifests.filter((manifest) => !isRefusedByForm(manifest));

  it('is large enough to mean something', () => {
    expect(admitted.length).toBeGreaterThanOrEqual(120);
    expect(admitted.filter(({ expected }) => expected.length > 0).length).toBeGreaterThanOrEqual(40);
  });

  it.each(admitted)('$name: $expected', async (manifest) => {
    const heard = manifest.expected.filter((label) => !silent.has(label.split('/')[0] ?? ''));
    expect(foundByAdmission(manifest, await dryRun(manifest))).toEqual(heard);
  });
});
