/**
 * Everything that is said to one server in one run: one budget, one record of exchanges, one place that closes what was opened. Checks
 * reach it through {@link Asking} only.
 */
import {
  createExchanger,
  ExchangeBudget,
  exchangeLimits,
  formEnd,
  type ClientInfo,
  type Era,
  type Exchange,
  type ExchangeRequest,
  type Exchanger,
  type ExchangerOptions,
  type ProbeTarget,
} from '../../mcp/index.ts';
import type { Declared, Opening, Replica } from './context.ts';
import { openEra } from './open-era.ts';

/** Milliseconds for a server to end a session; nothing depends on it. */
const END_TIMEOUT_MS = 1_000;

export interface ConversationSettings {
  /** With credentials, if there are any. */
  readonly target: ProbeTarget;
  readonly declared: Declared;
  /** Those that are asked one by one. */
  readonly replicas: readonly Replica[];
  /** How we introduce ourselves. */
  readonly clientInfo: ClientInfo;
  readonly options?: Omit<ExchangerOptions, 'budget'>;
}

export interface OpenOptions {
  readonly clientName?: string;
  readonly replica?: Replica;
  readonly lists: 'all' | 'hashed';
  /** Called before each page beyond the first of a list, after the budget was raised for it. */
  readonly onFurtherPage?: () => void;
}

/** Sends one request, to the endpoint or to a replica. */
export type SendRequest = (request: ExchangeRequest, replica?: Replica) => Promise<Exchange>;

export class Conversation {
  readonly settings: ConversationSettings;
  /** Every exchange so far, by id. */
  readonly exchanges = new Map<string, Exchange>();
  /** What was asked once for several checks, by key. */
  readonly shared = new Map<string, Promise<unknown>>();
  readonly budget: ExchangeBudget;
  private readonly endpoint: Exchanger;
  private readonly replicas = new Map<string, Exchanger>();
  private lastId = 0;

  /** @throws ProbeStop InvalidTarget when the target cannot be asked. */
  constructor(settings: ConversationSettings) {
    this.settings = settings;
    this.budget = new ExchangeBudget(exchangeLimits(2, settings.replicas.length));
    this.endpoint = createExchanger(settings.target, { ...settings.options, budget: this.budget });
  }

  /** Rejects with the reason of `signal`. @throws BudgetExceeded */
  async send(request: ExchangeRequest, signal: AbortSignal, replica?: Replica): Promise<Exchange> {
    const exchanger = replica === undefined ? this.endpoint : this.exchangerOf(replica);
    return this.record(await exchanger.send(request, signal));
  }

  /** Adds an exchange that was made elsewhere to the record. */
  record(exchange: Exchange): Exchange {
    this.exchanges.set(exchange.id, exchange);
    return exchange;
  }

  /** Ids of JSON-RPC requests. */
  nextId(): number {
    this.lastId += 1;
    return this.lastId;
  }

  /** Opens the server in `era`; `send` has the last word on whether a request may be sent. */
  open(era: Era, options: OpenOptions, send: SendRequest): Promise<Opening> {
    const { clientName, replica, lists, onFurtherPage } = options;
    const { clientInfo } = this.settings;
    return openEra(era, {
      clientInfo: clientName === undefined ? clientInfo : { ...clientInfo, name: clientName },
      send: (request) => send(request, replica),
      nextId: () => this.nextId(),
      onFurtherPage: () => {
        this.budget.grantRequest();
        onFurtherPage?.();
      },
      lists,
    });
  }

  /** Ends the session of an opening, if it has one. */
  async end(opening: Opening, send: SendRequest, replica?: Replica): Promise<void> {
    if (opening.kind !== 'opened' || opening.opened.sessionId === undefined) return;
    const { protocolVersion, sessionId } = opening.opened;
    const { clientInfo } = this.settings;
    await send(formEnd({ era: 'legacy', protocolVersion, sessionId, clientInfo }), replica);
  }

  /** Ends the sessions of `openings` and closes every connection. Never rejects: what stays open at a server ends by itself. */
  async close(openings: readonly Opening[]): Promise<void> {
    this.budget.grantRequest();
    const send: SendRequest = (request) => this.send(request, AbortSignal.timeout(END_TIMEOUT_MS));
    await Promise.allSettled(openings.map((opening) => this.end(opening, send)));
    await Promise.all([this.endpoint, ...this.replicas.values()].map((exchanger) => exchanger.close()));
  }

  private exchangerOf(replica: Replica): Exchanger {
    const known = this.replicas.get(replica.address);
    if (known !== undefined) return known;
    const target = { ...this.settings.target, connectAddress: replica.address };
    const exchanger = createExchanger(target, { ...this.settings.options, budget: this.budget });
    this.replicas.set(replica.address, exchanger);
    return exchanger;
  }
}
