/**
 * `docs/api-reference.md`: every field of our kinds with type, default, limits, rules and description, in the order of the
 * schema. A subtree that is borrowed from Kubernetes is one line and a link: it is documented there.
 */
import type { CustomResource } from '../../api/schema/custom-resource.ts';
import type { JsonSchema } from '../../api/schema/json-schema.ts';
import { RESOURCES } from './crds.ts';
import type { Generator } from './generator.ts';

const KUBERNETES_REFERENCE = 'https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.33/';
const DESCRIBED_ELSEWHERE = ['apiVersion', 'kind', 'metadata'];

export const apiReference: Generator = {
  name: 'api-reference',
  outputs: () => Promise.resolve({ 'docs/api-reference.md': page(RESOURCES) }),
};

function page(resources: readonly CustomResource[]): string {
  return [
    '<!-- Generated from api/ by `make generate`; do not edit. -->',
    '# API reference',
    '',
    '`kubectl explain mcpserver.spec --recursive` shows the same on any cluster that has the CRDs. A list is written `[]`, the values of a map `{}`. Types that',
    `Kubernetes itself defines are named with a capital letter and documented in [its reference](${KUBERNETES_REFERENCE}); some of their fields are left out here, as noted in`,
    '[What is not offered](#what-is-not-offered).',
    '',
    ...resources.flatMap(kind),
    '## What is not offered',
    '',
    'Nothing that an MCPServer can say exceeds the Pod Security Standard "baseline": there is no field for privileged containers, host namespaces, host paths, host ports,',
    'probes of a foreign host, capabilities beyond that standard, or an unconfined seccomp profile. No field mounts a token of a ServiceAccount.',
    '',
  ].join('\n');
}

function kind(resource: CustomResource): readonly string[] {
  const schema: JsonSchema = resource.schema;
  const { properties = {} } = schema;
  const sections = Object.entries(properties).filter(([name]) => !DESCRIBED_ELSEWHERE.includes(name));
  return [
    `## ${resource.kind}`,
    '',
    `${schema.description ?? ''} ${resource.namespaced ? 'Namespaced' : 'Cluster-scoped'}; short name \`${resource.shortNames.join('`, `')}\`, category \`${resource.categories.join('`, `')}\`.`,
    '',
    `\`apiVersion: ${resource.group}/${resource.version}\`, \`kind: ${resource.kind}\``,
    '',
    ...rules(schema),
    ...sections.flatMap(([name, section]) => table(name, section)),
  ];
}

function table(name: string, schema: JsonSchema): readonly string[] {
  return [
    `### ${name}`,
    '',
    schema.description ?? '',
    '',
    ...rules(schema),
    '| Field | Type | Description |',
    '| --- | --- | --- |',
    ...fields(name, schema),
    '',
  ];
}

function rules(schema: JsonSchema): readonly string[] {
  const messages = ruleMessages(schema);
  return messages.length === 0 ? [] : [...messages.map((message) => `- ${escapeMarkdown(message)}`), ''];
}

function ruleMessages(schema: JsonSchema): readonly string[] {
  return (schema['x-kubernetes-validations'] ?? []).map(({ message }) => message);
}

function fields(path: string, schema: JsonSchema): readonly string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const required = schema.required?.includes(name) === true && field.default === undefined;
    return [row(`${path}.${name}`, field, required), ...below(`${path}.${name}`, field)];
  });
}

function below(path: string, schema: JsonSchema): readonly string[] {
  if (schema.borrowed !== undefined) return [];
  if (schema.items) return below(`${path}[]`, schema.items);
  return fields(path, schema);
}

function row(path: string, schema: JsonSchema, required: boolean): string {
  const description = [schema.description ?? '', ...limits(schema), ...ruleSentences(schema)]
    .join(' ')
    .trim();
  const cells = [`\`${path}\``, `${typeName(schema)}${required ? ', required' : ''}`, description];
  return `| ${cells.map(escapeMarkdown).join(' | ')} |`;
}

/** Neither the end of a cell nor an HTML tag. */
function escapeMarkdown(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}

function typeName(schema: JsonSchema): string {
  if (schema.borrowed !== undefined) return schema.borrowed;
  if (schema['x-kubernetes-int-or-string'] === true) return 'integer or string';
  if (schema.items) return `[]${typeName(schema.items)}`;
  if (typeof schema.additionalProperties === 'object') return `{}${typeName(schema.additionalProperties)}`;
  return schema.enum === undefined
    ? (schema.type ?? 'any')
    : schema.enum.map((word) => `\`${String(word)}\``).join(' or ');
}

function limits(schema: JsonSchema): readonly string[] {
  const { minimum, maximum, maxItems, default: initial } = schema;
  return [
    ...(initial === undefined || isEmptyObject(initial) ? [] : [`Default: \`${JSON.stringify(initial)}\`.`]),
    ...(minimum === undefined || maximum === undefined ? [] : [`From ${minimum} to ${maximum}.`]),
    ...(maxItems === undefined ? [] : [`At most ${maxItems}.`]),
  ];
}

function isEmptyObject(value: unknown): boolean {
  return JSON.stringify(value) === '{}';
}

function ruleSentences(schema: JsonSchema): readonly string[] {
  const own = ruleMessages(schema);
  const ofItems = schema.items?.type === 'object' ? ruleMessages(schema.items) : [];
  const messages = [...own, ...ofItems];
  return messages.length === 0 ? [] : [`*Refused with:* ${messages.join('; ')}.`];
}
