/** Admission of whatever is stamped: stamps on the way in, and a refusal where somebody has taken them away, or written others, after that. */
import { ANNOTATIONS } from '../../api/index.ts';
import type { AdmissionHandler, AdmissionRequest, Denial } from '../admission/review.ts';
import { dueStamps, stampPatch, stampsOf, type Stamps, type StampSettings } from './stamps.ts';

/** Stamps who creates and changes the object. */
export function stampBy(settings: StampSettings): AdmissionHandler {
  return (request) => Promise.resolve({ patch: stampPatch(request.object, dueStamps(request, settings)) });
}

/** Judges nothing but the stamps. @param kind for the message. */
export function validateStamps(kind: string, settings: StampSettings): AdmissionHandler {
  return (request) => {
    const denial = refusalOfStamps(kind, request, settings);
    return Promise.resolve(denial === undefined ? {} : { denial });
  };
}

/** @returns why the object cannot be stored: its stamps are not those that are due. @param kind for the message. */
export function refusalOfStamps(
  kind: string,
  request: AdmissionRequest,
  settings: StampSettings,
): Denial | undefined {
  if (areStampsSound(request, settings)) return undefined;
  return {
    code: 403,
    reason: 'Forbidden',
    message: `who writes this ${kind} was not recorded: the MutatingWebhookConfiguration of the operator is missing, or another webhook overwrote ${ANNOTATIONS.createdBy} or changed-by. Have the administrator run helm upgrade again`,
  };
}

/** A change of the spec that another webhook made after ours was passed over leaves the stored stamps. Any other value is a forgery. */
function areStampsSound(request: AdmissionRequest, settings: StampSettings): boolean {
  const { createdBy, changedBy } = stampsOf(request.object);
  const due = dueStamps(request, settings);
  const accepted: readonly Stamps[] =
    request.operation === 'CREATE' ? [due] : [due, stampsOf(request.oldObject)];
  return accepted.some((stamps) => stamps.createdBy === createdBy && stamps.changedBy === changedBy);
}
