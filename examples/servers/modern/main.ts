/**
 * Runs the world clock. Settings are environment variables, so that one MCPServer manifest holds all of them:
 * `PORT` (8080), `ALLOWED_HOSTS` (comma-separated host names of this server; `localhost` and the loopback addresses always
 * count), `ALLOWED_ORIGINS` (host names of web pages), `LEGACY_CLIENTS` (`true` also serves clients up to 2025-11-25).
 */
import { createWorldClock } from './world-clock.ts';

const list = (name: string): string[] =>
  (process.env[name] ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');

const server = createWorldClock({
  allowedHosts: ['localhost', '127.0.0.1', '[::1]', ...list('ALLOWED_HOSTS')],
  allowedOrigins: list('ALLOWED_ORIGINS'),
  legacyClients: process.env['LEGACY_CLIENTS'] === 'true',
});
const port = Number(process.env['PORT'] ?? 8080);
server.listen(port, () => process.stderr.write(`world-clock: serving MCP at port ${port}, path /mcp\n`));

for (const signal of ['SIGTERM', 'SIGINT']) {
  process.once(signal, () => {
    server.close();
    server.closeIdleConnections();
  });
}
