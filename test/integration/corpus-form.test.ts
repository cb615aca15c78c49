/**
 * The corpus on a real API server, without a webhook: it refuses what `kilo-mcp lint` refuses by schema and CEL, for the same fields, and
 * takes the rest. And what `lint` reads from a file is what `kubectl` sends.
 */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { GROUP, VERSION } from '../../api/index.ts';
import { type CorpusManifest, isRefusedByForm, loadCorpus } from '../corpus/corpus.ts';
import { type AdmissionClient, type Verdict, admissionClient } from '../harness/admission.ts';
import { kubectl } from '../harness/kubectl.ts';
import { mcpServersPath } from '../harness/mcp-server.ts';

const { manifests } = loadCorpus();

/** No rule of form asks about the namespace, so that those of the corpus need not exist here. */
const NAMESPACE = 'default';
const PATHS: Readonly<Record<string, string>> = {
  MCPServer: mcpServersPath(NAMESPACE),
  MCPSecurityPolicy: `/apis/${GROUP}/${VERSION}/mcpsecuritypolicies`,
};

let api: AdmissionClient;
beforeAll(async () => {
  api = await admissionClient(inject('kubeconfigPath'));
});
afterAll(() => api.close());

async function verdictOn({ object }: CorpusManifest): Promise<Verdict> {
  const metadata = { ...object.metadata, ...(object.kind === 'MCPServer' && { namespace: NAMESPACE }) };
  return api.create(PATHS[object.kind] ?? '', { ...object, metadata });
}

/** Said of the object as a whole when CEL was not asked because of what the schema refused. */
const NOT_ASKED = /^<nil>: Invalid value: null: some validation rules were not checked/;
/** What is no JSON of the object's type is refused with a message alone. */
const UNKNOWN_FIELD = /unknown field "([^"]+)"/g;
const FIELD_OF_METADATA = /Go struct field ObjectMeta\.(?:metadata\.)?(\w+)/g;

function fieldsBlamed(verdict: Verdict): readonly string[] {
  if (verdict.accepted) return [];
  const unknown = [...verdict.message.matchAll(UNKNOWN_FIELD)].map(([, field = '']) => field);
  const metadata = [...verdict.message.matchAll(FIELD_OF_METADATA)].map(([, field]) => `metadata.${field}`);
  const inCauses = verdict.causes.filter((cause) => !NOT_ASKED.test(cause)).map(fieldOfCause);
  return sorted([...unknown, ...metadata, ...inCauses]);
}

/**
 * Formats of numbers are said of the object as a whole, the scale subresource names fields with a dot in front, and of two equal entries
 * the second is blamed, not their list.
 */
function fieldOfCause(cause: string): string {
  const [field = '', message = ''] = cause.split(/: (.*)/s, 2);
  const [, ofFormat = ''] = / with format int\d+ in (\S+)$/.exec(message) ?? [];
  const path = field === '<nil>' ? ofFormat : field.replace(/^\./, '');
  return message.startsWith('Duplicate value') ? path.replace(/\[\d+\]$/, '') : path;
}

/** Of metadata the API server names no single label. */
function fieldsExpected({ expected }: CorpusManifest): readonly string[] {
  const fields = expected.flatMap((label) => /^(?:schema|cel):(.*)$/.exec(label)?.slice(1) ?? []);
  return sorted(fields.map((field) => field.replace(/^(metadata\.labels)\[.*$/, '$1')));
}

function sorted(fields: readonly string[]): readonly string[] {
  return [...new Set(fields)].toSorted();
}

describe('the corpus on the API server', () => {
  it.each(manifests)('$name: $expected', async (manifest) => {
    const verdict = await verdictOn(manifest);
    expect(verdict.accepted).toBe(!isRefusedByForm(manifest));
    expect(fieldsBlamed(verdict)).toEqual(fieldsExpected(manifest));
  });
});

it('is sent by kubectl as lint reads it', async () => {
  // A label that is a number is refused by kubectl itself.
  const sent = manifests.filter(({ name }) => name !== 'schema-object-label-number');
  const files = sent.flatMap(({ file }) => ['-f', file]);
  const create = ['create', '--dry-run=client', '--validate=false', '--output=json', ...files];
  const text = await kubectl(inject('kubeconfigPath'), create);
  const objects = text.split(/^(?<=^\}\n)(?=\{)/m).map((part): unknown => JSON.parse(part));
  expect(objects).toEqual(sent.map(({ object }) => object));
});
