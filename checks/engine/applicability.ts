/** To which servers a check on manifests or objects has something to say. */
import type { Subject } from '../subject.ts';
import type { Applicability } from './check.ts';

/** To every MCPServer. */
export function appliesToServers(subject: Subject | undefined): Applicability {
  return subject === undefined
    ? { applies: false, reason: 'There is no MCPServer: only an address is known.' }
    : { applies: true };
}

/** To MCPServers whose pods the operator runs. */
export function appliesToPods(subject: Subject | undefined): Applicability {
  if (subject !== undefined && subject.workload === undefined)
    return { applies: false, reason: 'Somebody else runs this server: it has no pods here.' };
  return appliesToServers(subject);
}
