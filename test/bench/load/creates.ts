/** Creates of MCPServers that pass admission as any other and are never stored: dry runs. */
import { ANNOTATIONS } from '../../../api/index.ts';
import { systemClock } from '../../../core/clock.ts';
import type { Answer, PlainClient } from '../../harness/plain-client.ts';
import { waitFor } from '../../harness/wait.ts';
import { openLoop, type Schedule } from './open-loop.ts';
import { breakingServer, keepingServer } from './policies.ts';
import { serversPath } from './servers.ts';

/** Creates servers, and counts those that were not let in. */
export class Creates {
  readonly #client: PlainClient;
  readonly #report: (text: string) => void;
  #failures = 0;

  /** @param report gets the first failure. */
  constructor(client: PlainClient, report: (text: string) => void) {
    this.#client = client;
    this.#report = report;
  }

  get failures(): number {
    return this.#failures;
  }

  /** Creates one that keeps every policy. */
  async one(namespace: string): Promise<void> {
    const { code, body } = await this.#create(namespace, keepingServer());
    if (code === 201) return;
    if (this.#failures === 0)
      this.#report(`    a create in ${namespace} answered ${code}: ${JSON.stringify(body)}`);
    this.#failures += 1;
  }

  /** @returns how long each took from the time at which it was due, in milliseconds; those that failed too. */
  byTime(namespace: string, schedule: Schedule, signal: AbortSignal): Promise<readonly number[]> {
    return openLoop(schedule, systemClock, () => this.one(namespace), signal);
  }

  /** The API server asks both webhooks of `admission-server.ts` that allow everything but this. */
  async askedToAllow(namespace: string): Promise<void> {
    for (const name of ['mutate-mcpserver', 'validate-mcpserver']) {
      const refused = { ...keepingServer(), metadata: { name } };
      await waitFor(async () => (await this.#create(namespace, refused)).code !== 201, {
        description: `the API server to ask /${name}`,
      });
    }
  }

  /** The API server asks both webhooks of ours, and they know as many policies. */
  async judgedBy(namespace: string, policies: number): Promise<void> {
    const look = async (): Promise<boolean> => {
      const { body } = await this.#create(namespace, keepingServer());
      return isStamped(body) && causesOf(await this.#create(namespace, breakingServer())) === policies;
    };
    await waitFor(look, { description: `${policies} policies to be known` });
  }

  #create(namespace: string, server: object): Promise<Answer> {
    return this.#client.request('POST', `${serversPath(namespace)}?dryRun=All`, server);
  }
}

function isStamped(object: unknown): boolean {
  const { metadata } = object as { readonly metadata?: { readonly annotations?: Record<string, string> } };
  return metadata?.annotations?.[ANNOTATIONS.createdBy] !== undefined;
}

/** Each policy finds one thing wrong with the server that breaks them. */
function causesOf({ code, body }: Answer): number | undefined {
  const { details } = body as { readonly details?: { readonly causes?: readonly unknown[] } };
  return code === 403 ? details?.causes?.length : undefined;
}
