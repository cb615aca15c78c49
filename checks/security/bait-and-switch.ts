import type { Check, Verdict } from '../engine/check.ts';
import type { CheckContext, Opened, Opening, Replica } from '../engine/context.ts';
import { verdict } from './verdicts.ts';

/** Beside our own: names that many clients send. This is the one place where we do not say who we are, and the reference page says so. */
const CLIENT_NAMES = ['claude-ai', 'Visual Studio Code'] as const;
/** `initialize`, `initialized`, three lists and DELETE. */
const OPEN_REQUESTS = 6;

/** How one reader saw the server. */
interface Reader {
  readonly clientName?: string;
  readonly replica?: Replica;
}

/**
 * MCP-S15. Replicas first, since a Service that leads to replicas which disagree would look as if it minded names; names are then tried at
 * one replica. What disagrees is read once more, both sides, so that a rollout in between accuses nobody.
 */
export const baitAndSwitch: Check = {
  id: 'MCP-S15',
  family: 'S',
  title: 'every client and every replica gets the same definitions',
  severity: 'high',
  eras: ['legacy', 'modern'],
  scored: true,
  cost: {
    requests: CLIENT_NAMES.length * OPEN_REQUESTS,
    perReplica: OPEN_REQUESTS,
    toConfirm: 2 * OPEN_REQUESTS,
  },
  rationale:
    'A server that shows scanners harmless tools and others to assistants passes every review. A replica that differs runs something that nobody reviewed.',
  remediation: {
    kind: 'quarantine',
    text: 'Stop the server, and compare what it shows to different clients and what its replicas run.',
  },
  references: [
    'OWASP MCP Top 10: MCP03',
    'OWASP AISVS 10.4.8',
    'MCP 2026-07-28 server/tools: lists must not vary per connection',
  ],
  applies: () => ({ applies: true }),
  run: async (context) => {
    const { opened, replicas } = context;
    if (opened === undefined) return verdict('Untestable', 'The definitions cannot be read.');
    if (opened.hash === '') return verdict('Error', 'A list of definitions could not be read to its end.');
    const readers: readonly Reader[] =
      replicas.length === 0 ? [{}] : replicas.map((replica) => ({ replica }));
    const byReplica = await compare(context, replicas.length === 0 ? opened : undefined, readers);
    if (byReplica.kind === 'verdict') return byReplica.verdict;
    if (byReplica.differs)
      return verdict('Fail', 'Replicas of the server show different definitions.', [], byReplica.details);
    const [first = {}] = readers;
    const named = CLIENT_NAMES.map((clientName) => ({ ...first, clientName }));
    const byName = await compare(context, byReplica.reference, [first, ...named]);
    if (byName.kind === 'verdict') return byName.verdict;
    return byName.differs
      ? verdict(
          'Fail',
          'The server shows different definitions to clients of different names.',
          [],
          byName.details,
        )
      : verdict('Pass', 'Every client and every replica gets the same definitions.');
  },
};

type Comparison =
  | { readonly kind: 'verdict'; readonly verdict: Verdict }
  | {
      readonly kind: 'compared';
      readonly differs: boolean;
      readonly reference: Opened;
      readonly details?: unknown;
    };

/** @param known what the first of `readers` saw, when it was read before. */
async function compare(
  context: CheckContext,
  known: Opened | undefined,
  [first = {}, ...others]: readonly Reader[],
): Promise<Comparison> {
  const reference =
    known === undefined ? await read(context, first) : { kind: 'opened' as const, opened: known };
  if (reference.kind !== 'opened') return notRead(reference);
  for (const other of others) {
    const seen = await read(context, other);
    if (seen.kind !== 'opened') return notRead(seen);
    if (seen.opened.hash === reference.opened.hash) continue;
    const again = [await read(context, first), await read(context, other)] as const;
    const broken = again.find((each) => each.kind !== 'opened');
    if (broken?.kind === 'notOpened') return notRead(broken);
    const [one, two] = again.map((each) => (each.kind === 'opened' ? each.opened.hash : ''));
    if (one !== two)
      return {
        kind: 'compared',
        differs: true,
        reference: reference.opened,
        details: { hashes: [one, two] },
      };
  }
  return { kind: 'compared', differs: false, reference: reference.opened };
}

async function read(context: CheckContext, reader: Reader): Promise<Opening> {
  const opening = await context.ask.open(reader);
  if (opening.kind === 'opened' && opening.opened.hash === '') {
    const { era, exchanges } = opening.opened;
    return {
      kind: 'notOpened',
      era,
      reason: 'Failed',
      message: 'a list could not be read to its end',
      exchanges,
    };
  }
  return opening;
}

/** Whoever is refused saw no other definitions; whoever got no answer may have. */
function notRead(opening: Extract<Opening, { kind: 'notOpened' }>): Comparison {
  const outcome = opening.reason === 'AuthRequired' ? 'Untestable' : 'Error';
  const message = 'A client of another name, or a replica, could not read the definitions.';
  return { kind: 'verdict', verdict: { outcome, message, exchanges: opening.exchanges } };
}
