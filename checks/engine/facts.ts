/** Everything that is known of one server before its checks run. */
import type { Subject } from '../subject.ts';
import type { Declared, LiveObjects, Replica } from './context.ts';
import type { Conversation } from './conversation.ts';
import type { Openings } from './gather.ts';
import type { ServerReference } from './record.ts';

export interface ServerFacts {
  readonly server: ServerReference;
  readonly declared: Declared;
  /** As {@link gather} returned them; empty when the server cannot or may not be asked. */
  readonly openings: Openings;
  /** Undefined when nobody can be asked. */
  readonly conversation?: Conversation;
  readonly subject?: Subject;
  readonly live?: LiveObjects;
  readonly replicas: readonly Replica[];
}
