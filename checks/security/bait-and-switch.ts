import type { Check, Verdict } from '../engine/check.ts';
import type { CheckContext, Opened, Opening, Replica } from '../engine/context.ts';
import { verdict } from '../engine/verdict.ts';

/** Beside our own: names that many clients send. This is the one place where we do not say who we are; the rationale, which people read, says so. */
const CLIENT_NAMES = ['claude-ai', 'Visual Studio Code'] as const;
/** `initialize`, `initialized`, three lists and DELETE. */
const OPEN_REQUESTS = 6;
/** `server/discover` and three lists. */
const MODERN_OPEN_REQUESTS = 4;

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
    modern: CLIENT_NAMES.length * MODERN_OPEN_REQUESTS,
    perReplica: OPEN_REQUESTS,
    toConfirm: 2 * OPEN_REQUESTS,
  },
  rationale:
    'A server that shows scanners harmless tools and others to assistants passes every review. A replica that differs runs something that nobody reviewed. This check opens the server under the names of two widely used clients; every other one says who asks.',
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
    const comparison = new Comparison(context);
    return (
      (await compareReplicas(comparison, replicas)) ??
      (await compareNames(comparison, opened, replicas[0])) ??
      SAME
    );
  },
};

const SAME = verdict('Pass', 'Every client and every replica gets the same definitions.');

async function compareReplicas(
  comparison: Comparison,
  [first, ...others]: readonly Replica[],
): Promise<Verdict | undefined> {
  if (first === undefined) return undefined;
  comparison.reference = await comparison.read({ replica: first });
  const readers = others.map((replica) => ({ replica }));
  return comparison.compare(
    { replica: first },
    readers,
    'Replicas of the server show different definitions.',
  );
}

function compareNames(
  comparison: Comparison,
  opened: Opened,
  replica: Replica | undefined,
): Promise<Verdict | undefined> {
  comparison.reference ??= { kind: 'opened', opened };
  const first = replica === undefined ? {} : { replica };
  const readers = CLIENT_NAMES.map((clientName) => ({ ...first, clientName }));
  return comparison.compare(
    first,
    readers,
    'The server shows different definitions to clients of different names.',
  );
}

/** Readers that are compared with each other, one after the other. */
class Comparison {
  /** What the others are held against. */
  reference: Opening | undefined;
  private readonly context: CheckContext;
  private hasConfirmed = false;

  constructor(context: CheckContext) {
    this.context = context;
  }

  /** @returns the verdict that ends the check; undefined when all of them saw the same. */
  async compare(first: Reader, others: readonly Reader[], message: string): Promise<Verdict | undefined> {
    for (const other of others) {
      const seen = await this.read(other);
      const ended =
        hashOf(this.reference) === hashOf(seen) ? notRead(seen) : await this.confirm(first, other, message);
      if (ended !== undefined) return ended;
    }
    return notRead(this.reference);
  }

  async read(reader: Reader): Promise<Opening> {
    return this.context.ask.open(reader);
  }

  /** Reads both sides once more: what agrees now was a change in between, for everybody. */
  private async confirm(first: Reader, other: Reader, message: string): Promise<Verdict | undefined> {
    if (this.hasConfirmed) return verdict('Untestable', 'The definitions change while they are read.');
    this.hasConfirmed = true;
    this.reference = await this.read(first);
    const seen = await this.read(other);
    const broken = notRead(this.reference) ?? notRead(seen);
    if (broken !== undefined) return broken;
    const hashes = [hashOf(this.reference), hashOf(seen)];
    if (hashes[0] === hashes[1]) return undefined;
    const exchanges = [this.reference, seen].flatMap((each) =>
      each.kind === 'opened' ? each.opened.exchanges : [],
    );
    return { outcome: 'Fail', message, exchanges, details: { hashes } };
  }
}

/** Empty where the definitions could not be read. */
function hashOf(opening: Opening | undefined): string {
  return opening?.kind === 'opened' ? opening.opened.hash : '';
}

/** Whoever is refused saw no other definitions; whoever got no answer may have. */
function notRead(opening: Opening | undefined): Verdict | undefined {
  if (opening === undefined || hashOf(opening) !== '') return undefined;
  const isRefused = opening.kind === 'notOpened' && opening.reason === 'AuthRequired';
  const { exchanges } = opening.kind === 'opened' ? opening.opened : opening;
  const message = 'A client of another name, or a replica, could not read the definitions.';
  return { outcome: isRefused ? 'Untestable' : 'Error', message, exchanges };
}
