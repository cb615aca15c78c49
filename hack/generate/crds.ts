/**
 * `crds/`: one CustomResourceDefinition a kind, from its schema in `api/`.
 */
import { Document, visit } from 'yaml';
import {
  approvalDecisionCustomResource,
  approvalPolicyCustomResource,
  approvalRequestCustomResource,
  clusterComplianceCheckCustomResource,
  complianceCheckCustomResource,
  complianceProfileCustomResource,
  mcpServerCustomResource,
  securityPolicyCustomResource,
} from '../../api/index.ts';
import type { Column, CustomResource } from '../../api/schema/custom-resource.ts';
import { structural } from '../../api/schema/structural.ts';
import type { Generator } from './generator.ts';

/** Every kind of ours. */
export const RESOURCES: readonly CustomResource[] = [
  mcpServerCustomResource,
  securityPolicyCustomResource,
  complianceProfileCustomResource,
  complianceCheckCustomResource,
  clusterComplianceCheckCustomResource,
  approvalPolicyCustomResource,
  approvalRequestCustomResource,
  approvalDecisionCustomResource,
];

const HEADER = '# Generated from api/ by `make generate`; do not edit.\n';
const ONE_LINE_LENGTH = 130;
const PLAIN = /^[A-Za-z][\w ./()…-]*$/;

export const crds: Generator = {
  name: 'crds',
  outputs: () => Promise.resolve(Object.fromEntries(RESOURCES.map(file))),
};

function file(resource: CustomResource): [path: string, text: string] {
  return [
    `crds/${resource.group}_${resource.plural}.yaml`,
    HEADER + yaml(customResourceDefinition(resource)),
  ];
}

/** YAML with what is short on one line: at the depth of a CRD, half of the bytes would be indentation. */
function yaml(value: object): string {
  const document = new Document(value, { aliasDuplicateObjects: false });
  visit(document, {
    Collection: (_key, node) => {
      node.flow = JSON.stringify(node).length <= ONE_LINE_LENGTH;
    },
    Scalar: (_key, node) => {
      // kubectl's YAML parser takes fewer characters in a plain scalar on one line than the standard allows.
      if (typeof node.value === 'string' && !PLAIN.test(node.value)) node.type = 'QUOTE_DOUBLE';
    },
  });
  return document.toString({ lineWidth: 0, indentSeq: false, flowCollectionPadding: false });
}

/** @returns the CustomResourceDefinition of a kind. */
export function customResourceDefinition(resource: CustomResource): object {
  const { group, kind, plural, singular, shortNames, categories } = resource;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: resource.namespaced ? 'Namespaced' : 'Cluster',
      names: { kind, listKind: `${kind}List`, plural, singular, shortNames, categories },
      versions: [version(resource)],
    },
  };
}

function version({ version: name, schema, columns, selectableFields, scale }: CustomResource): object {
  return {
    name,
    served: true,
    storage: true,
    additionalPrinterColumns: columns.map(printerColumn),
    ...(selectableFields && { selectableFields: selectableFields.map((jsonPath) => ({ jsonPath })) }),
    subresources: {
      status: {},
      ...(scale && {
        scale: {
          specReplicasPath: scale.spec,
          statusReplicasPath: scale.status,
          labelSelectorPath: scale.selector,
        },
      }),
    },
    schema: { openAPIV3Schema: structural(schema) },
  };
}

function printerColumn({ name, type, jsonPath, wide = false }: Column): object {
  return { name, type, jsonPath, ...(wide && { priority: 1 }) };
}
