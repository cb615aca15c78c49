/** A message of the outbox as a CloudEvent 1.0 in structured mode. The links in it open something; none of them decides. */
import { TerminalError } from '../../core/errors.ts';
import { APPROVAL_TOPIC } from '../../approval/index.ts';
import type { OutboxMessage } from '../../stores/index.ts';

/** Of structured mode, CloudEvents HTTP binding, section 3.2. */
export const CONTENT_TYPE = 'application/cloudevents+json; charset=utf-8';
/** What every receiver must be able to take (CloudEvents 1.0, "Size Limits"). */
export const MAX_EVENT_BYTES = 65_536;

/** What receivers get. `source` and `id` together tell repeats: delivery is at least once. */
export interface CloudEvent {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: string;
  /** `ai.kilocode.mcp.approvalrequest.` and the phase in lower case. */
  readonly type: string;
  /** `namespace/name` of the ApprovalRequest. */
  readonly subject: string;
  /** When the request came into the phase. */
  readonly time: string;
  readonly datacontenttype: 'application/json';
  readonly data: Readonly<Record<string, unknown>>;
}

/** The part of the payload of `phaseMessage` that becomes attributes of the event. */
interface ApprovalPayload extends Readonly<Record<string, unknown>> {
  readonly request: { readonly namespace: string; readonly name: string };
  readonly phase: string;
  readonly at: string;
}

/** @returns the event. @throws TerminalError for a message of a kind that this version does not know. */
export function cloudEvent({ topic, key, payload }: OutboxMessage, source: string): CloudEvent {
  if (topic !== APPROVAL_TOPIC || !isApprovalPayload(payload))
    throw new TerminalError(`the message ${topic} ${key} is of a kind that this version cannot deliver`);
  const { request, phase, at } = payload;
  return {
    specversion: '1.0',
    id: key,
    source,
    type: `ai.kilocode.mcp.approvalrequest.${phase.toLowerCase()}`,
    subject: `${request.namespace}/${request.name}`,
    time: at,
    datacontenttype: 'application/json',
    data: payload,
  };
}

function isApprovalPayload(payload: unknown): payload is ApprovalPayload {
  if (typeof payload !== 'object' || payload === null) return false;
  const { request, phase, at } = payload as Partial<ApprovalPayload>;
  const hasTexts = typeof phase === 'string' && typeof at === 'string';
  return hasTexts && typeof request?.namespace === 'string' && typeof request.name === 'string';
}
