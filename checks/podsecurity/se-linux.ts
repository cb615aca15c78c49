import { securityContextsOf, type Breach, type Control } from './control.ts';

/** Types that separate containers from their node and from each other; none is the default of the runtime. */
const ALLOWED_TYPES = ['', 'container_t', 'container_init_t', 'container_kvm_t', 'container_engine_t'];

/** Baseline: no SELinux user or role, and no type beyond those of containers. */
export const seLinuxOptions: Control = {
  id: 'seLinuxOptions',
  findBreaches({ spec }) {
    const { pod, containers } = securityContextsOf(spec);
    return [pod, ...containers].flatMap(({ context, path }) => {
      const { type = '', user = '', role = '' } = context.seLinuxOptions ?? {};
      return [
        ...(ALLOWED_TYPES.includes(type) ? [] : [breach(`${path}.seLinuxOptions.type`, type)]),
        ...(user === '' ? [] : [breach(`${path}.seLinuxOptions.user`, user)]),
        ...(role === '' ? [] : [breach(`${path}.seLinuxOptions.role`, role)]),
      ];
    });
  },
};

function breach(path: string, value: string): Breach {
  const field = path.slice(path.lastIndexOf('.') + 1);
  return {
    path,
    value,
    message: `SELinux is loosened by a ${field} of its own.`,
    fix: field === 'type' ? 'Remove type, or set container_t.' : `Remove ${field}.`,
  };
}
