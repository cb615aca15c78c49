/** The rights that watching the locks takes: to look at what the chart installs, by name. */
import type { Permission } from '../../operator/runtime/index.ts';
import { SECOND_LOCK } from './coverage.ts';

const LOOK = ['list', 'watch'];
const GROUP = 'admissionregistration.k8s.io';

export const LOCK_PERMISSIONS: readonly Permission[] = [
  {
    apiGroups: [GROUP],
    resources: ['validatingwebhookconfigurations'],
    resourceNames: ['<fullname>'],
    verbs: LOOK,
    why: 'Notices when nobody asks the operator any more.',
  },
  {
    apiGroups: [GROUP],
    resources: ['validatingadmissionpolicies', 'validatingadmissionpolicybindings'],
    resourceNames: SECOND_LOCK.map(({ name }) => `<fullname>-second-lock-${name}`),
    verbs: LOOK,
    why: 'Notices when the second lock is gone or open.',
  },
];
