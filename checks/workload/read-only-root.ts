import { defineCheck } from '../check.ts';
import { UNSET } from '../finding.ts';
import { containersOf } from '../containers.ts';

/** MCP-W06: with an emptyDir for what must be written, as the operator gives every server at `/tmp`. */
export const readOnlyRoot = defineCheck(
  {
    id: 'MCP-W06',
    severity: 'medium',
    title: 'the root file system of every container is read-only',
    references: ['AVD-KSV-0014'],
  },
  (subject) =>
    containersOf(subject)
      .filter(({ container }) => container.securityContext?.readOnlyRootFilesystem !== true)
      .map(({ container, path }) => ({
        path: path('securityContext.readOnlyRootFilesystem'),
        value: String(container.securityContext?.readOnlyRootFilesystem ?? UNSET),
        message: 'Whoever breaks into the container can change its programs.',
        fix: 'Set readOnlyRootFilesystem to true, and mount an emptyDir where the container must write.',
      })),
);
