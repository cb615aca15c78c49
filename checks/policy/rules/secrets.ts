/** `secrets`: no literal that looks like one. Findings say where and what it looks like, and never what it is. */
import { literalSecretsOf } from '../../secrets/index.ts';
import { onceOn } from '../../once.ts';
import { type RuleGroup, policyRule } from '../policy-rule.ts';

/** The same for every policy that asks. */
const literalsOf = onceOn(literalSecretsOf);

const denyLiterals = policyRule({
  id: 'secrets.denyLiterals',
  severity: 'high',
  title: 'secrets come from Secrets',
  judge: (subject, { secrets }) => {
    if (secrets?.denyLiterals !== true) return [];
    return literalsOf(subject).map(({ path, secretClass }) => ({
      path,
      value: secretClass,
      message: 'This looks like a secret, and everybody who may read this object could read it.',
      fix: fixOf(path),
    }));
  },
});

function fixOf(path: string): string {
  if (path === 'spec.source.remote.url')
    return 'Put it into a Secret, and have it sent in a header by source.remote.headersFrom.';
  if (/\.env\[name=[^\]]*\]\.value$/.test(path))
    return 'Put it into a Secret, and set valueFrom.secretKeyRef in place of value.';
  return 'Put it into a Secret, make a variable of it with valueFrom.secretKeyRef, and write $(VARIABLE) here.';
}

export const secretRules: RuleGroup = { rules: [denyLiterals], problems: () => [] };
