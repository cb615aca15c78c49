/** Requests of an {@link Installation}: servers to ask about, who asks and decides, and how far a request is. */
import { expect } from 'vitest';
import type { ApprovalRequest, ApprovalRequestStatus, DecisionVerb, MCPServer } from '../../api/index.ts';
import { APPROVAL_REQUEST } from '../../controllers/decisions/index.ts';
import { MCPSERVER } from '../../controllers/mcpserver/kinds.ts';
import type { Installation, User } from './installation.ts';
import { mcpServerManifest } from './mcp-server.ts';
import { waitFor } from './wait.ts';

const apiVersion = 'mcp.kilocode.ai/v1alpha1';
const IMAGE = { source: { image: { ref: 'registry.example.com/github:1.4.0' } } };
/** Nothing here waits for pods, which no node would run; but a whole operator shares two cores with its control plane. */
const DEADLINE_MS = 60_000;

/** What an MCPServer says that a check finds fault with. */
export const FAULTS = {
  /** Low risk. */
  'MCP-W07': { ...IMAGE, resources: {} },
  /** Medium risk. */
  'MCP-W06': {
    ...IMAGE,
    podTemplate: {
      spec: { containers: [{ name: 'server', securityContext: { readOnlyRootFilesystem: false } }] },
    },
  },
} as const;

/** What is asked for, over the repair of MCP-W06. */
interface Ask {
  readonly name: string;
  readonly kind?: string;
  readonly parameters?: Readonly<Record<string, string>>;
}

/** One namespace of an installation, and somebody who asks in it. */
export class Asking {
  readonly namespace: string;
  readonly #installation: Installation;
  readonly #requester: User;

  constructor(installation: Installation, namespace: string, requester: User) {
    this.#installation = installation;
    this.namespace = namespace;
    this.#requester = requester;
  }

  /** The requester makes a server. */
  async aServer(name: string, spec: object, annotations: object = {}): Promise<MCPServer> {
    const manifest = mcpServerManifest(spec, { name, namespace: this.namespace, annotations });
    await this.#requester.kubectl(['create', '-f', '-'], manifest);
    return this.server(name);
  }

  async server(name: string): Promise<MCPServer> {
    const key = { namespace: this.namespace, name };
    const server = await this.#installation.client.get(MCPSERVER, key, AbortSignal.timeout(10_000));
    if (server === undefined) throw new Error(`there is no MCPServer ${name}`);
    return server;
  }

  /** The requester asks, as a file of a few lines would. */
  async ask(
    { metadata }: MCPServer,
    { name, kind = 'Remediate', parameters = { check: 'MCP-W06' } }: Ask,
  ): Promise<void> {
    const { uid, generation } = metadata;
    const target = { apiVersion, kind: 'MCPServer', name: metadata.name, uid, generation };
    await this.#requester.kubectl(['create', '-f', '-'], {
      apiVersion,
      kind: 'ApprovalRequest',
      metadata: { name, namespace: this.namespace },
      spec: { action: { kind, target, parameters } },
    });
  }

  async request(name: string): Promise<ApprovalRequest> {
    const key = { namespace: this.namespace, name };
    const found = await this.#installation.client.get(APPROVAL_REQUEST, key, AbortSignal.timeout(10_000));
    if (found === undefined) throw new Error(`there is no ApprovalRequest ${name}`);
    return found;
  }

  /** @returns the status, once `is` likes it. */
  async until(
    name: string,
    description: string,
    is: (status: ApprovalRequestStatus) => boolean,
  ): Promise<ApprovalRequestStatus> {
    return waitFor(
      async () => {
        const { status = {} } = await this.request(name);
        if (!is(status)) throw new Error(JSON.stringify({ ...status, derived: undefined }));
        return status;
      },
      { description: `${name} ${description}`, deadlineMs: DEADLINE_MS, intervalMs: 200 },
    );
  }

  reaches(name: string, phase: ApprovalRequestStatus['phase']): Promise<ApprovalRequestStatus> {
    return this.until(name, `to be ${phase}`, (status) => status.phase === phase);
  }

  /** A decision as six lines say it: the digest is that which the request shows. */
  async decision(name: string, verb: DecisionVerb, reason: string): Promise<object> {
    const { metadata, status } = await this.request(name);
    return {
      apiVersion,
      kind: 'ApprovalDecision',
      metadata: { generateName: `${verb}-`, namespace: this.namespace },
      spec: { requestRef: { name, uid: metadata.uid }, verb, digest: status?.derived?.digest, reason },
    };
  }

  async decide(who: User, name: string, verb: DecisionVerb = 'approve', reason = 'reviewed'): Promise<void> {
    await who.kubectl(['create', '-f', '-'], await this.decision(name, verb, reason));
  }

  /** @returns what somebody hears whose decision is refused. */
  async refusal(
    who: User,
    name: string,
    verb: DecisionVerb = 'approve',
    reason = 'reviewed',
  ): Promise<string> {
    return who.refusal(['create', '-f', '-'], await this.decision(name, verb, reason));
  }

  /** What the ledger has of a request, in order. */
  async events(name: string): Promise<readonly string[]> {
    const { metadata } = await this.request(name);
    return (await this.#installation.store.entriesOf(metadata.uid ?? '')).map(({ event }) => event);
  }

  async isUntouched(server: MCPServer): Promise<void> {
    expect((await this.server(server.metadata.name)).spec).toEqual(server.spec);
  }
}

/** Why a request is what a condition says. */
export function reasonOf({ conditions = [] }: ApprovalRequestStatus, type: string): string | undefined {
  return conditions.find((condition) => condition.type === type)?.reason;
}
