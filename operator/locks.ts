/** The locks of admission that this installation has: what watches them, and what decisions rest on. */
import type { LockSettings } from '../controllers/locks/index.ts';
import type { Shared } from './shared.ts';

/** @returns which locks there are, by the settings. */
export function lockSettings({ settings, identity }: Pick<Shared, 'settings' | 'identity'>): LockSettings {
  const { webhookBindAddress, webhookCertificates, watchNamespaces, secondLock } = settings;
  const webhook = {
    configuration: webhookCertificates.configurationName,
    namespaces: watchNamespaces,
    service: { namespace: identity.operatorNamespace, name: webhookCertificates.serviceName },
  };
  return {
    webhook: webhookBindAddress === '0' ? undefined : webhook,
    secondLock: secondLock === '' ? undefined : secondLock,
  };
}
