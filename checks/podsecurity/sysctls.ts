import type { Control } from './control.ts';

/** Those that Kubernetes calls safe: they reach no further than the pod. */
const SAFE = [
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ping_group_range',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_notsent_lowat',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_slow_start_after_idle',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.tcp_wmem',
];

/** Baseline: only safe sysctls are set. */
export const sysctls: Control = {
  id: 'sysctls',
  findBreaches: ({ spec }) =>
    (spec.securityContext?.sysctls ?? [])
      .filter(({ name }) => !SAFE.includes(name))
      .map(({ name }) => ({
        path: `securityContext.sysctls[name=${name}]`,
        value: name,
        message: 'The pod sets a sysctl that is not safe.',
        fix: 'Remove the sysctl.',
      })),
};
