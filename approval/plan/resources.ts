/** MCP-W07: requests and limits where they are missing, modest ones, and never a request above its limit. */
import { type MCPServerSpec, SERVER_CONTAINER } from '../../api/index.ts';
import { compareQuantities } from '../../core/quantity.ts';
import { editContainers } from './edit-spec.ts';

type Resources = MCPServerSpec['resources'];
type Quantities = Readonly<Record<string, string>>;

/** As the schema gives them to the server's container, and room for its logs and files. */
const REQUESTS: Quantities = { cpu: '50m', memory: '64Mi' };
const LIMITS: Quantities = { memory: '256Mi', 'ephemeral-storage': '1Gi' };

/** @returns the spec with every container bounded; what is there and more than zero stays. */
export function boundResources(spec: MCPServerSpec): MCPServerSpec {
  // The server's own stand at spec.resources, and nowhere else.
  const bounded = editContainers(spec, (container) =>
    container.name === SERVER_CONTAINER ? container : { ...container, resources: bound(container.resources) },
  );
  return { ...bounded, resources: bound(spec.resources) };
}

function bound({ requests = {}, limits = {}, ...rest }: Resources = {}): Resources {
  const boundLimits = {
    ...limits,
    ...fill(LIMITS, limits, (resource, usual) => larger(requests[resource], usual)),
  };
  // Where there is a limit, the API server takes it for a missing request.
  const asked = { ...boundLimits, ...requests };
  const boundRequests = {
    ...requests,
    ...fill(REQUESTS, asked, (resource, usual) => smaller(boundLimits[resource], usual)),
  };
  return { ...rest, requests: boundRequests, limits: boundLimits };
}

function fill(
  usual: Quantities,
  present: Quantities,
  choose: (resource: string, usual: string) => string,
): Quantities {
  const missing = Object.entries(usual).filter(([resource]) => !isSome(present[resource]));
  return Object.fromEntries(missing.map(([resource, quantity]) => [resource, choose(resource, quantity)]));
}

function isSome(quantity: string | undefined): quantity is string {
  return quantity !== undefined && compareQuantities(quantity, '0') === 1;
}

function larger(quantity: string | undefined, usual: string): string {
  return isSome(quantity) && compareQuantities(quantity, usual) === 1 ? quantity : usual;
}

function smaller(quantity: string | undefined, usual: string): string {
  return isSome(quantity) && compareQuantities(quantity, usual) === -1 ? quantity : usual;
}
