/** Speaking MCP with servers that other people wrote: one bounded, passive conversation, and who may be asked at all. */
export { abortable } from './abortable.ts';
export { createAddressPolicy, type AddressPolicy } from './address-policy.ts';
export { LISTS, definitionsHash, readPage } from './definitions.ts';
export type { Era, Exchange, ExchangeRequest, ExchangeResponse, Exchanger } from './exchange.ts';
export { BudgetExceeded, ExchangeBudget, exchangeLimits } from './exchange-budget.ts';
export { isSecretName, REDACTED } from './exchange-redaction.ts';
export { createExchanger, type ExchangerOptions } from './exchanger.ts';
export { ProbeStop } from './failure.ts';
export { fetchMetadata, type MetadataOptions } from './metadata-fetch.ts';
export { probe } from './probe.ts';
export {
  formEnd,
  formInitialize,
  formRequest,
  META_KEYS,
  PROTOCOL_VERSIONS,
  type ClientInfo,
  type RequestForm,
} from './request-forms.ts';
export { showable } from './server-info.ts';
export { readTLSFacts, type TLSFacts, type TLSHandshake } from './tls-facts.ts';
export type {
  Definition,
  ProbeAuthRequired,
  ProbeFailed,
  ProbeFailureReason,
  ProbeOptions,
  ProbeOutcome,
  ProbeTarget,
  ProbeTransport,
  ProtocolEra,
  ServerDescription,
} from './types.ts';
