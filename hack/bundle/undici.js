/**
 * What the program uses of undici, for the bundle. Its index is CommonJS and cannot be shaken: it would bring fetch, WebSocket,
 * caches and mocks along (measured: 0.8 MB of the bundle, 5 MiB of every process). The bundler fails when something is missing here.
 */
import api from 'undici/lib/api/index.js';
import Dispatcher from 'undici/lib/dispatcher/dispatcher.js';

// As undici's index does: `request` and its like are no part of the class itself.
Object.assign(Dispatcher.prototype, api);

export { default as buildConnector } from 'undici/lib/core/connect.js';
export { default as Pool } from 'undici/lib/dispatcher/pool.js';
export { default as ProxyAgent } from 'undici/lib/dispatcher/proxy-agent.js';
