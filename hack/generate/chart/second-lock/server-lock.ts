/**
 * The ValidatingAdmissionPolicy over MCPServers: what MCPSecurityPolicies with enforcement Enforce ask for, as far as CEL can judge it, and
 * without a webhook. The API server evaluates it once for every MCPSecurityPolicy, as `params`.
 */
import { sentence, type Judgement, type Validation, type Variable } from '../cel.ts';
import { IMAGE_RULES, IMAGE_VARIABLES } from './image-rules.ts';
import { selects } from './label-selector.ts';
import { NETWORK_RULES, NETWORK_VARIABLES } from './network-rules.ts';
import { POD_RULES } from './pod-rules.ts';
import { SECRET_RULES } from './secret-rules.ts';
import { IS_SCALE, type ServerRule } from './server-rule.ts';

/** In the order in which they are asked. One refusal tells of one rule, so those about secrets and rights come first. */
export const SERVER_RULES: readonly ServerRule[] = [
  ...SECRET_RULES,
  ...POD_RULES,
  ...NETWORK_RULES,
  ...IMAGE_RULES,
];

/** Not a match condition: those do not know the namespace. */
const SELECTED: Variable = {
  name: 'selected',
  expression: selects('params.spec.namespaceSelector', 'namespaceObject.metadata.?labels.orValue({})'),
};

/** @returns what the policy asks of a server, and of a Scale of one. */
export function serverLock(): Judgement {
  const parts = SERVER_RULES.map(judge);
  return {
    matchConditions: [
      { name: 'enforced', expression: 'params.spec.enforcement == "Enforce"' },
      { name: 'stays', expression: '!has(object.metadata.deletionTimestamp)' },
      {
        name: 'changes',
        expression:
          'request.operation == "CREATE" || object.spec != oldObject.spec || object.metadata.?labels != oldObject.metadata.?labels',
      },
    ],
    variables: [
      SELECTED,
      ...IMAGE_VARIABLES,
      ...NETWORK_VARIABLES,
      ...parts.flatMap(({ variables }) => variables),
    ],
    validations: parts.map(({ validation }) => validation),
  };
}

interface Part {
  readonly variables: readonly Variable[];
  readonly validation: Validation;
}

/** What breaks the rule now, less what did before. */
function judge({ id, asked, broken, fix, holdsForScale = false }: ServerRule): Part {
  const name = variableName(id);
  const before = `${name}Before`;
  const applies = ['variables.selected', ...(holdsForScale ? [] : [`!(${IS_SCALE})`]), `(${asked})`];
  return {
    variables: [
      { name: before, expression: `request.operation == "CREATE" ? [] : ${broken('oldObject')}` },
      {
        name,
        expression: `${applies.join(' && ')} ? (${broken('object')}).filter(b, !(b in variables.${before})) : []`,
      },
    ],
    validation: {
      expression: `size(variables.${name}) == 0`,
      messageExpression: sentence(
        '',
        `variables.${name}[0]`,
        `${fix} (MCPSecurityPolicy `,
        'params.metadata.name',
        `, ${id})`,
      ),
      reason: 'Forbidden',
    },
  };
}

/** `images.requireDigest` is `brokenImagesRequireDigest`. */
function variableName(id: string): string {
  const words = id.split('.').map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return `broken${words.join('')}`;
}
