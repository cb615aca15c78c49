/**
 * Fields that a container inherits from its pod: every value that is written must be allowed, and every container must have one.
 */
import type { V1PodSpec } from '@kubernetes/client-node';
import { UNSET } from '../finding.ts';
import { isSet, securityContextsOf, type Breach } from './control.ts';

type Contexts = ReturnType<typeof securityContextsOf>;
type Context = Contexts['pod']['context'];

interface InheritedField<T> {
  /** Below `securityContext`. */
  readonly name: string;
  read(context: Context): T | undefined;
  isAllowed(value: T): boolean;
  readonly message: string;
  readonly fix: string;
}

/** @returns each value that is not allowed, and each container that has none from anywhere. */
export function findInherited<T>(spec: V1PodSpec, field: InheritedField<T>): readonly Breach[] {
  const { pod, containers } = securityContextsOf(spec);
  const hasDefault = isSet(field.read(pod.context));
  const isBroken = ({ context }: Contexts['pod'], isRequired: boolean): boolean => {
    const value = field.read(context);
    return isSet(value) ? !field.isAllowed(value) : isRequired;
  };
  const broken = [
    ...[pod].filter((placed) => isBroken(placed, false)),
    ...containers.filter((placed) => isBroken(placed, !hasDefault)),
  ];
  return broken.map(({ context, path }) => ({
    path: `${path}.${field.name}`,
    value: String(field.read(context) ?? UNSET),
    message: field.message,
    fix: field.fix,
  }));
}
