/**
 * What tells two looks at the locks apart. Pure. The API server raises `generation` with each change of a spec, so the same uid and generation
 * mean that nothing happened in between, whoever put things back.
 */
import { digest } from '../../core/canonical-json.ts';
import type { KubernetesObject } from '../../operator/runtime/index.ts';
import type { ValidatingWebhook } from './kinds.ts';

/** An object of a lock, with as much of it as its kind has. */
export interface LockObject extends KubernetesObject {
  readonly spec?: object;
  readonly webhooks?: readonly ValidatingWebhook[];
}

/** @returns `sha256:` over uids and specs without certificates, a slash, and the generations in the order of the objects. */
export function fingerprintOf(objects: readonly LockObject[]): string {
  const specs = objects.map(({ kind, metadata: { name, uid = '' }, spec, webhooks }) => ({
    kind,
    name,
    uid,
    ...(spec && { spec }),
    ...(webhooks && { webhooks: webhooks.map(withoutCertificate) }),
  }));
  const generations = objects.map(
    ({ webhooks, metadata }) => `${webhooks ? 'w' : 'p'}${metadata.generation ?? 0}`,
  );
  return `${digest(specs)}/${generations.join('.')}`;
}

function withoutCertificate({ clientConfig = {}, ...webhook }: ValidatingWebhook): object {
  const { caBundle: _certificate, ...rest } = clientConfig;
  return { ...webhook, clientConfig: rest };
}

/**
 * How the later look follows the earlier one. `same`: nothing happened. `renewed`: certificates of webhooks changed, in one write each, which
 * cannot have taken anything away and put it back. `broken`: anything else.
 */
export function succession(earlier: string, later: string): 'same' | 'renewed' | 'broken' {
  if (earlier === later) return 'same';
  const [hashBefore, before = ''] = earlier.split('/');
  const [hashAfter, after = ''] = later.split('/');
  if (hashBefore !== hashAfter) return 'broken';
  const generations = before.split('.');
  const isRenewed = after
    .split('.')
    .every((generation, index) => follows(generations[index] ?? '', generation));
  return isRenewed ? 'renewed' : 'broken';
}

function follows(before: string, after: string): boolean {
  if (before === after) return true;
  const isWebhook = before.startsWith('w') && after.startsWith('w');
  return isWebhook && Number(after.slice(1)) === Number(before.slice(1)) + 1;
}
