/**
 * The ValidatingAdmissionPolicy behind "nobody's deputy": who creates or changes an MCPServer must hold the rights that the
 * operator would use for it. RBAC alone cannot say that: the operator reads Secrets and makes pods under its own identity,
 * so without this policy the right to write MCPServers would be the right to both.
 *
 * CEL's `authorizer` costs 350,000 a question, an expression may cost 1,000,000 and all of them 10,000,000 together, so each
 * Secret reference has a validation of its own; 8 + 8 + 1 references and the pods come to 6,300,000.
 */
import { GROUP, VERSION, mcpServerResource } from '../../../api/group.ts';
import { sentence, type Validation } from './cel.ts';
import { EXECUTOR_USERNAME } from './second-lock/usernames.ts';

/** A list of the spec whose entries each name a Secret that the operator reads. */
interface SecretList {
  readonly path: string;
  readonly variable: string;
  readonly cel: string;
}

/** The longest list that the policy covers; the schema's `maxItems` must not exceed it. */
export const SLOTS = 8;

/** Every place of the spec where a Secret is named that the operator itself reads; kubelets read the others. */
export const SECRET_LISTS: readonly SecretList[] = [
  {
    path: 'spec.source.remote.headersFrom',
    variable: 'remoteHeaders',
    cel: 'object.spec.source.?remote.?headersFrom.orValue([])',
  },
  {
    path: 'spec.probe.headersFrom',
    variable: 'probeHeaders',
    cel: 'object.spec.?probe.?headersFrom.orValue([])',
  },
];
export const CA_BUNDLE = 'spec.transport.tls.caBundle.secretKeyRef';

/** What says which program runs, with what it is given: no approved change touches it. */
const PROGRAM = [
  'source',
  'probe',
  'transport.?tls',
  'command',
  'args',
  'env',
  'envFrom',
  'volumes',
  'volumeMounts',
];
/** The same of the containers beside the server. */
const CONTAINER_PROGRAM = ['name', 'image', 'command', 'args', 'env', 'envFrom', 'volumeMounts'];
const CONTAINER_LISTS = ['containers', 'initContainers'];

/**
 * The executor is nobody's deputy either: people approved what it changes, and it holds no right over pods and Secrets. It is let through as long as
 * what runs, what that is given, and what the operator would read, stays as it is: its token alone runs nothing else.
 */
const IS_APPROVED_CHANGE = [
  `request.operation == 'UPDATE' && request.userInfo.username == ${JSON.stringify(EXECUTOR_USERNAME)}`,
  ...PROGRAM.map((field) => stays((object) => `${object}.spec.?${field}`)),
  ...CONTAINER_LISTS.flatMap((list) =>
    CONTAINER_PROGRAM.map((field) =>
      stays((object) => `${object}.spec.?podTemplate.?spec.?${list}.orValue([]).map(c, c.?${field})`),
    ),
  ),
].join(' && ');

function stays(of: (object: string) => string): string {
  return `${of('object')} == ${of('oldObject')}`;
}

/** @returns the `spec` of the policy, as `admissionregistration.k8s.io/v1` has it. */
export function creatorAuthority(): object {
  return {
    failurePolicy: 'Fail',
    matchConstraints: {
      matchPolicy: 'Equivalent',
      resourceRules: [
        {
          apiGroups: [GROUP],
          apiVersions: [VERSION],
          operations: ['CREATE', 'UPDATE'],
          // Not mcpservers/scale: that right is given on its own, as for a Deployment, and an autoscaler has no other.
          resources: [mcpServerResource.plural],
        },
      ],
    },
    matchConditions: [
      { name: 'spec-changes', expression: "request.operation == 'CREATE' || object.spec != oldObject.spec" },
      { name: 'was-not-approved', expression: `!(${IS_APPROVED_CHANGE})` },
    ],
    variables: [
      ...SECRET_LISTS.map(({ variable, cel }) => ({ name: variable, expression: cel })),
      {
        name: 'caBundle',
        expression: 'object.spec.?transport.?tls.?caBundle.?secretKeyRef.?name.orValue("")',
      },
    ],
    validations: [pods(), ...SECRET_LISTS.flatMap(listValidations), caBundle()],
  };
}

/** Every source but `remote` runs pods: a source that a later version adds is covered before anybody thinks of it. */
function pods(): Validation {
  return {
    expression: `has(object.spec.source.remote) || ${allowed('pods', 'create')}`,
    messageExpression: sentence(
      'spec.source: the operator would run pods for you, but ',
      USER,
      ' may not create pods in namespace ',
      NAMESPACE,
      ': ask for that right there (the ClusterRole edit holds it)',
    ),
    reason: 'Forbidden',
  };
}

function listValidations({ path, variable }: SecretList): Validation[] {
  const slots = Array.from({ length: SLOTS }, (_, slot) =>
    secret(
      `${path}[${slot}].secretKeyRef`,
      `size(variables.${variable}) <= ${slot}`,
      `variables.${variable}[${slot}].secretKeyRef.name`,
    ),
  );
  const limit: Validation = {
    expression: `size(variables.${variable}) <= ${SLOTS}`,
    message: `${path}: at most ${SLOTS} entries, because each is checked: remove some`,
    reason: 'Invalid',
  };
  return [limit, ...slots];
}

function caBundle(): Validation {
  return secret(CA_BUNDLE, 'variables.caBundle == ""', 'variables.caBundle');
}

function secret(path: string, absent: string, name: string): Validation {
  return {
    expression: `${absent} || ${allowed('secrets', 'get', name)}`,
    messageExpression: sentence(
      `${path}: the operator would read the Secret `,
      name,
      ' for you, but ',
      USER,
      ' may not get it: ask for the right to get that Secret in namespace ',
      NAMESPACE,
      ', or name one that you may read',
    ),
    reason: 'Forbidden',
  };
}

const USER = 'request.userInfo.username';
const NAMESPACE = 'request.namespace';

function allowed(resource: string, verb: string, name?: string): string {
  const named = name === undefined ? '' : `.name(${name})`;
  return `authorizer.group('').resource('${resource}').namespace(${NAMESPACE})${named}.check('${verb}').allowed()`;
}
