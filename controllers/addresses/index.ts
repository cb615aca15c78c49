/**
 * Which addresses of this cluster probes may not reach. The ranges are facts of the cluster: its nodes, its API server, its
 * Services and, where nodes know it, its pods.
 */
export {
  createAddressPolicies,
  type AddressPolicies,
  type AddressSettings,
  type ObservedAddresses,
} from './address-policies.ts';
export { ADDRESS_PERMISSIONS } from './permissions.ts';
