/**
 * Which faults are in force: rules in the order they were injected, each for so many requests or frames. The first that matches
 * is the one that strikes.
 */
import type { FrameFault, RequestFault } from './faults.ts';
import { matches, type ApiRequest, type RequestMatch } from './request.ts';

/** A fault in force. */
export interface Injected {
  /** How often it has struck. */
  readonly hits: number;
  /** Ends it; frames that it held back stay lost. */
  remove(): void;
}

interface Rule<F> {
  readonly match: RequestMatch;
  readonly fault: F;
  readonly times: number;
  hits: number;
}

/** The faults of one proxy. */
export class FaultPlan {
  readonly #requests = new Set<Rule<RequestFault>>();
  readonly #frames = new Set<Rule<FrameFault>>();

  inject(match: RequestMatch, fault: RequestFault | FrameFault, times: number): Injected {
    return 'start' in fault
      ? add(this.#frames, { match, fault, times, hits: 0 })
      : add(this.#requests, { match, fault, times, hits: 0 });
  }

  /** Ends every fault. */
  clear(): void {
    this.#requests.clear();
    this.#frames.clear();
  }

  /** The fault that strikes this request, if any; counted. */
  forRequest(request: ApiRequest): RequestFault | undefined {
    return take(this.#requests, request, () => true);
  }

  /** The fault that strikes a frame of this type on a watch opened by `request`, if any; counted. */
  forFrame(request: ApiRequest, type: string): FrameFault | undefined {
    return take(this.#frames, request, ({ types }) => types === undefined || types.includes(type));
  }
}

function add<F>(rules: Set<Rule<F>>, rule: Rule<F>): Injected {
  rules.add(rule);
  return {
    get hits() {
      return rule.hits;
    },
    remove: () => void rules.delete(rule),
  };
}

function take<F>(
  rules: ReadonlySet<Rule<F>>,
  request: ApiRequest,
  applies: (fault: F) => boolean,
): F | undefined {
  for (const rule of rules) {
    if (rule.hits >= rule.times || !matches(rule.match, request) || !applies(rule.fault)) continue;
    rule.hits += 1;
    return rule.fault;
  }
  return undefined;
}
