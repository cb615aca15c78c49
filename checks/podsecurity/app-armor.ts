import { isSet, securityContextsOf, type Breach, type Control, type JudgedPod } from './control.ts';

/** How AppArmor was set before it had a field (1.30). */
const ANNOTATION_PREFIX = 'container.apparmor.security.beta.kubernetes.io/';

const ALLOWED_TYPES = ['RuntimeDefault', 'Localhost'];

/** Baseline: AppArmor is not turned off, neither by the field nor by the annotation. */
export const appArmorProfile: Control = {
  id: 'appArmorProfile',
  findBreaches: (pod) => [...byField(pod), ...byAnnotation(pod)],
};

function byField({ spec }: JudgedPod): readonly Breach[] {
  const { pod, containers } = securityContextsOf(spec);
  return [pod, ...containers].flatMap(({ context: { appArmorProfile }, path }) => {
    if (!isSet(appArmorProfile) || ALLOWED_TYPES.includes(appArmorProfile.type)) return [];
    return breach(`${path}.appArmorProfile.type`, appArmorProfile.type);
  });
}

function byAnnotation({ metadata }: JudgedPod): readonly Breach[] {
  return Object.entries(metadata?.annotations ?? {})
    .filter(([key, value]) => key.startsWith(ANNOTATION_PREFIX) && !isAllowedAnnotation(value))
    .map(([key, value]) => breach(`metadata.annotations[${key}]`, value));
}

function isAllowedAnnotation(value: string): boolean {
  return value === '' || value === 'runtime/default' || value.startsWith('localhost/');
}

function breach(path: string, value: string): Breach {
  return {
    path,
    value,
    message: 'AppArmor is turned off.',
    fix: `Remove it, or set ${ALLOWED_TYPES.join(' or ')}.`,
  };
}
