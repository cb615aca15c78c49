/**
 * Loaded into the operator before its own code (`node --import`): connections to the rig's pods, which have no network, go to one local
 * MCP server instead. Everything before and after the dialling is the operator's own. JavaScript, because Node's reader of TypeScript
 * would weigh 20 MiB in the process whose memory is measured.
 */
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';

const podIP = process.env['BENCH_POD_IP'];
const port = Number(process.env['BENCH_PROBE_PORT'] ?? '');

if (port > 0) {
  const connect = net.connect.bind(net);
  const dial = (options, onConnect) =>
    connect(options.host === podIP ? { ...options, host: '127.0.0.1', port } : options, onConnect);
  Object.assign(net, { connect: dial, createConnection: dial });
  syncBuiltinESMExports();
}
