/**
 * The security policies that a server breaks: as a sentence for its condition, and read back from there. A new process knows nothing of
 * the past but that sentence, and must not announce what it says already.
 */
import type { MCPServer } from '../../api/index.ts';
import type { Watch } from '../../operator/runtime/index.ts';

/** One policy that a server breaks. */
export interface BrokenPolicy {
  /** Name of the MCPSecurityPolicy. */
  readonly policy: string;
  /** Its rules that are broken, each once, sorted. */
  readonly rules: readonly string[];
}

/** What the reconciler asks of whoever judges servers. */
export interface PolicyVerdicts {
  /**
   * The policies that the stored server breaks now, whatever their enforcement, sorted by name; from the caches, never over the
   * network. It may wait for a later turn of the event loop.
   */
  violationsOf(server: MCPServer, signal: AbortSignal): Promise<readonly BrokenPolicy[]>;
  /** Names the servers whose verdict changed though they did not. */
  watch(): Watch;
}

const BEGINNING = 'breaks security policies: ';
const SEPARATOR = '; ';
const AND_OTHERS = 'and others';
/** Fits a condition and, nearly always, an Event. */
const MAX_LENGTH = 900;

/** The sentence. It names as many policies as fit, whole, and at least one. */
export function describeBroken(broken: readonly BrokenPolicy[]): string {
  const names = broken.map(({ policy, rules }) => `${policy} [${rules.join(', ')}]`);
  let length = BEGINNING.length;
  const fitting = names.filter((name, index) => {
    length += name.length + SEPARATOR.length;
    return index === 0 || length <= MAX_LENGTH;
  });
  const others = fitting.length < names.length ? [AND_OTHERS] : [];
  return BEGINNING + [...fitting, ...others].join(SEPARATOR);
}

/** What the sentence names. */
export interface NamedPolicies {
  readonly broken: readonly BrokenPolicy[];
  /** Whether there are no others. */
  readonly isComplete: boolean;
}

/** Reads {@link describeBroken} back; any other text names nothing. Names of policies and rules hold no space and no bracket. */
export function readBroken(message: string): NamedPolicies {
  if (!message.startsWith(BEGINNING)) return { broken: [], isComplete: true };
  const parts = message.slice(BEGINNING.length).split(SEPARATOR);
  const broken = parts.flatMap((part) => {
    const [, policy, rules] = /^([^ ]+) \[([^\]]*)\]$/.exec(part) ?? [];
    return policy === undefined || rules === undefined ? [] : [{ policy, rules: rules.split(', ') }];
  });
  return { broken, isComplete: broken.length === parts.length };
}
