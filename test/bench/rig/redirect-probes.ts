/**
 * Loaded into the operator before its own code (`node --import`): connections to the rig's pods, which have no network,
 * go to one local MCP server instead. Everything before and after the dialling is the operator's own.
 */
import { syncBuiltinESMExports } from 'node:module';
import net, { type Socket, type TcpNetConnectOpts } from 'node:net';

/** Names the port on which the local MCP server listens. */
export const PROBE_PORT_VARIABLE = 'BENCH_PROBE_PORT';

/** Of every pod of the rig. In the range for benchmarks (RFC 2544), so that it cannot be anybody's. */
export const POD_IP = '198.18.0.1';

function redirect(port: number): void {
  const connect = net.connect.bind(net);
  const dial = (options: TcpNetConnectOpts, onConnect?: () => void): Socket => {
    if (options.host !== POD_IP) return connect(options, onConnect);
    return connect({ ...options, host: '127.0.0.1', port }, onConnect);
  };
  Object.assign(net, { connect: dial, createConnection: dial });
  syncBuiltinESMExports();
}

const port = Number(process.env[PROBE_PORT_VARIABLE] ?? '');
if (port > 0) redirect(port);
