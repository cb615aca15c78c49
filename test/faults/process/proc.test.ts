import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { connectionsOf, countConnections, cpuSeconds, readCpuSeconds, readMemory } from './proc.ts';

describe.runIf(process.platform === 'linux')('what /proc says about this process', () => {
  it('is its memory', async () => {
    const { residentBytes, peakBytes } = await readMemory(process.pid);
    const { rss } = process.memoryUsage();
    expect(residentBytes / rss).toBeCloseTo(1, 0);
    expect(peakBytes).toBeGreaterThanOrEqual(residentBytes * 0.99);
  });

  it('is its processor time', async () => {
    const { user, system } = process.cpuUsage();
    expect(await readCpuSeconds(process.pid)).toBeCloseTo((user + system) / 1e6, 0);
  });

  it('is its connections to one port', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    expect(await countConnections(process.pid, port)).toBe(0);
    const sockets = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')];
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    expect(await countConnections(process.pid, port)).toBe(2);
    for (const socket of sockets) socket.destroy();
    server.close();
  });
});

describe('cpuSeconds', () => {
  it('reads past a program name with spaces and parentheses', () => {
    const fields = ['S', ...Array.from({ length: 10 }, () => '0'), '150', '50', '0'];
    expect(cpuSeconds(`7 (a ) b) ${fields.join(' ')}`)).toBe(2);
  });
});

describe('connectionsOf', () => {
  it('counts established connections only', () => {
    const table = [
      '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
      '   0: 0100007F:192B 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 11 1',
      '   1: 0100007F:9C40 0100007F:192B 01 00000000:00000000 00:00000000 00000000     0        0 22 1',
    ].join('\n');
    expect(connectionsOf(table)).toEqual([{ port: 0x192b, inode: '22' }]);
  });
});
