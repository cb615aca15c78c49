/**
 * The ValidatingAdmissionPolicy over MCPServers: what MCPSecurityPolicies with enforcement Enforce ask for, as far as CEL can judge it, and
 * without a webhook. The API server evaluates it once for every MCPSecurityPolicy, as `params`.
 */
import { nothingIn, sentence, type Judgement, type Variable } from '../cel.ts';
import { IMAGE_RULES, IMAGE_VARIABLES } from './image-rules.ts';
import { selects } from './label-selector.ts';
import { NETWORK_RULES, NETWORK_VARIABLES } from './network-rules.ts';
import { POD_RULES } from './pod-rules.ts';
import { SECRET_RULES } from './secret-rules.ts';
import { IS_SCALE, type ServerRule } from './server-rule.ts';

/** In the order in which a refusal tells of them: those about secrets and rights come first. */
export const SERVER_RULES: readonly ServerRule[] = [
  ...SECRET_RULES,
  ...POD_RULES,
  ...NETWORK_RULES,
  ...IMAGE_RULES,
];

/** Nobody needs us to let go of an object that is being deleted, and notes of controllers on it are nobody's change of what runs. */
const CHANGES =
  'request.operation == "CREATE" || (!has(object.metadata.deletionTimestamp) && (object.spec != oldObject.spec || object.metadata.?labels != oldObject.metadata.?labels))';

/** Not a match condition: those do not know the namespace. */
const SELECTED: Variable = {
  name: 'selected',
  expression: selects('params.spec.namespaceSelector', 'namespaceObject.metadata.?labels.orValue({})'),
};

/**
 * @returns what the policy asks of a server, and of a Scale of one. All of it is one validation: the API server evaluates every message with its
 * validation, whether it is needed or not, and both once for each MCPSecurityPolicy of the cluster.
 */
export function serverLock(): Judgement {
  const all = SERVER_RULES.map((rule) => `(${applies(rule)} ? variables.${nameOf(rule)} : [])`).join(' + ');
  return {
    matchConditions: [
      { name: 'enforced', expression: 'params.spec.enforcement == "Enforce"' },
      { name: 'changes', expression: CHANGES },
    ],
    variables: [
      SELECTED,
      ...IMAGE_VARIABLES,
      ...NETWORK_VARIABLES,
      ...SERVER_RULES.flatMap(variablesOf),
      { name: 'broken', expression: `variables.selected ? ${all} : []` },
    ],
    validations: [nothingIn('broken', 'the MCPServer breaks an MCPSecurityPolicy that is enforced here')],
  };
}

function applies({ asked, holdsForScale = false }: ServerRule): string {
  return holdsForScale ? asked : `!(${IS_SCALE}) && (${asked})`;
}

/** What broke the rule before, and sentences about what breaks it now and did not before. */
function variablesOf(rule: ServerRule): readonly Variable[] {
  const name = nameOf(rule);
  const before = `${name}Before`;
  const end = sentence(`${rule.fix} (MCPSecurityPolicy `, 'params.metadata.name', `, ${rule.id})`);
  return [
    { name: before, expression: `request.operation == "CREATE" ? [] : ${rule.broken('oldObject')}` },
    {
      name,
      expression: `(${rule.broken('object')}).filter(b, !(b in variables.${before})).map(b, b + ${end})`,
    },
  ];
}

/** `images.requireDigest` is `brokenImagesRequireDigest`. */
function nameOf({ id }: ServerRule): string {
  const words = id.split('.').map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return `broken${words.join('')}`;
}
