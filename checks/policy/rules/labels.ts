/** `labels`: what an MCPServer must say about itself. */
import { UNSET } from '../../finding.ts';
import { labelKeyProblem, labelOf } from '../label.ts';
import { type RuleGroup, entryProblems, policyRule } from '../policy-rule.ts';

const required = policyRule({
  id: 'labels.required',
  severity: 'low',
  title: 'servers carry the labels that are required',
  judge: ({ server }, { labels }) =>
    (labels?.required ?? []).flatMap((key) => {
      const value = labelOf(server.metadata.labels, key);
      if (value !== undefined && value !== '') return [];
      return [
        {
          path: `metadata.labels[${key}]`,
          value: value === undefined ? UNSET : 'empty',
          message: `Servers need the label ${key} here.`,
          fix: 'Add the label, with a value.',
        },
      ];
    }),
});

export const labelRules: RuleGroup = {
  rules: [required],
  problems: ({ labels }) => entryProblems('spec.labels.required', labels?.required, labelKeyProblem),
};
