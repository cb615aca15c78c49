/**
 * `spec` of an ApprovalRequest: one action on one object. Whoever asks writes kind, target and parameters; what would be done, how risky that is
 * and until when it may be decided is derived by the operator and stands in the status.
 */
import { Type } from 'typebox';
import { GROUP, VERSION } from '../group.ts';
import { type Static, oneOf, stringMap, validations } from '../schema/build.ts';
import { ACTION_KINDS } from './words.ts';

const Target = Type.Object(
  {
    apiVersion: Type.String({
      description: `${GROUP}/${VERSION}.`,
      maxLength: 64,
      ...validations({
        rule: `self == '${GROUP}/${VERSION}'`,
        message: `target.apiVersion must be ${GROUP}/${VERSION}`,
      }),
    }),
    kind: oneOf(['MCPServer', 'ComplianceCheck'], {
      description: 'Kind of the object: ComplianceCheck for Waive, MCPServer for all else.',
    }),
    name: Type.String({
      description: 'Name of the object, in the namespace of the request.',
      minLength: 1,
      maxLength: 253,
    }),
    uid: Type.String({
      description: 'metadata.uid of the object: one that was made anew is another object.',
      minLength: 1,
      maxLength: 64,
    }),
    generation: Type.Integer({
      description:
        'metadata.generation that was looked at. A change of the spec since then supersedes the request, but for a Quarantine.',
      format: 'int64',
      minimum: 1,
    }),
  },
  { description: 'What the action is done to.' },
);

const Action = Type.Object(
  {
    kind: oneOf(ACTION_KINDS, {
      description:
        'Remediate repairs what a check found. AcceptDefinitions makes the present definitions of a server the baseline. Quarantine stops a server, or ends that. Waive makes a waiver of a ComplianceCheck count.',
    }),
    target: Target,
    parameters: stringMap({
      description:
        'What the action is told. Remediate: check, the id of the check. AcceptDefinitions: hash, as in status.definitions.hash of the server. Quarantine: operation, Begin (when absent) or End. Waive: check, whose waiver in spec.waivers is meant.',
      maxProperties: 4,
      values: { maxLength: 128 },
    }),
  },
  {
    description: 'What is asked for.',
    ...validations(
      {
        rule: "(self.kind == 'Waive') == (self.target.kind == 'ComplianceCheck')",
        message:
          'target.kind must be ComplianceCheck for Waive, and MCPServer for every other kind of action',
        fieldPath: '.target',
      },
      {
        rule: "!(self.kind in ['Remediate', 'Waive']) || ('check' in self.parameters && self.parameters['check'].matches('^MCP-[A-Z][0-9]{2}$') && self.parameters.size() == 1)",
        message:
          'parameters of Remediate and Waive must be exactly {check: ID}, with the id of a check such as MCP-W06',
        fieldPath: '.parameters',
      },
      {
        rule: "self.kind != 'AcceptDefinitions' || ('hash' in self.parameters && self.parameters['hash'].matches('^sha256:[0-9a-f]{64}$') && self.parameters.size() == 1)",
        message:
          'parameters of AcceptDefinitions must be exactly {hash: HASH}, with status.definitions.hash of the MCPServer',
        fieldPath: '.parameters',
      },
      {
        rule: "self.kind != 'Quarantine' || self.parameters.size() == 0 || (self.parameters.size() == 1 && 'operation' in self.parameters && self.parameters['operation'] in ['Begin', 'End'])",
        message: 'parameters of Quarantine must be {}, {operation: Begin} or {operation: End}',
        fieldPath: '.parameters',
      },
    ),
  },
);

export const ApprovalRequestSpec = Type.Object(
  { action: Action },
  {
    description: 'What is asked for. It cannot be changed: another change is another request.',
    ...validations({
      rule: 'self == oldSelf',
      message:
        'the spec of an ApprovalRequest cannot be changed, because people decide on exactly this: create another request',
    }),
  },
);
/** What is asked for. */
export type ApprovalRequestSpec = Static<typeof ApprovalRequestSpec>;
