/** What the rig and the code that it loads into the operator agree on. */

/** Names the port on which the local MCP server listens. */
export const PROBE_PORT_VARIABLE = 'BENCH_PROBE_PORT';

/** Of every pod of the rig. In the range for benchmarks (RFC 2544), so that it cannot be anybody's. */
export const POD_IP = '198.18.0.1';
/** Names the variable that carries {@link POD_IP}. */
export const POD_IP_VARIABLE = 'BENCH_POD_IP';
