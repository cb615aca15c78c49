import { describe, expect, it } from 'vitest';
import { hostPatternProblem, isHostAllowed, parseRemoteURL } from './host-pattern.ts';

const hostOf = (url: string): string | undefined => parseRemoteURL(url)?.host;

it.each([
  ['https://mcp.example.com/mcp', 'mcp.example.com'],
  ['https://MCP.Example.com:8443/mcp', 'mcp.example.com'],
  ['https://mcp.example.com./mcp', 'mcp.example.com'],
  ['http://2130706433/', '127.0.0.1'],
  ['http://0x7f.1/', '127.0.0.1'],
  ['http://0177.0.0.01/', '127.0.0.1'],
  ['http://127.0.0.1./', '127.0.0.1'],
  ['http://[::FFFF:10.0.0.1]/', '[::ffff:a00:1]'],
  ['http://1.2.3.4.5/', undefined],
  ['mcp.example.com', undefined],
])('the host of %s is %s', (url, host) => {
  expect(hostOf(url)).toBe(host);
});

describe('a host pattern', () => {
  it.each([
    ['mcp.example.com', 'mcp.example.com', true],
    ['mcp.example.com', 'a.mcp.example.com', false],
    ['*.example.com', 'mcp.example.com', true],
    ['*.example.com', 'a.b.example.com', true],
    ['*.example.com', 'example.com', false],
    ['*.example.com', '.example.com', false],
    ['*.example.com', 'evilexample.com', false],
    ['*.example.com', 'mcp.example.com.evil.example', false],
    ['203.0.113.7', '203.0.113.7', true],
    ['[2001:db8::1]', '[2001:db8::1]', true],
    ['xn--bcher-kva.example', 'xn--bcher-kva.example', true],
  ])('%s: %s is %s', (pattern, host, expected) => {
    expect(hostPatternProblem(pattern)).toBeUndefined();
    expect(isHostAllowed([pattern], host)).toBe(expected);
  });

  it('of an empty list is no host', () => {
    expect(isHostAllowed([], 'mcp.example.com')).toBe(false);
  });
});

it.each([
  ['*', /only \*\.example\.com/],
  ['mcp.*.example.com', /only \*\.example\.com/],
  ['**.example.com', /only \*\.example\.com/],
  ['https://mcp.example.com', /without scheme, port and path/],
  ['mcp.example.com:8443', /without scheme, port and path/],
  ['mcp.example.com/mcp', /without scheme, port and path/],
  ['user@mcp.example.com', /without scheme, port and path/],
  ['[2001:db8::1]:443', /without scheme, port and path/],
  ['2001:db8::1', /without scheme, port and path/],
  ['a b.example.com', /without scheme, port and path/],
  ['MCP.example.com', /write mcp\.example\.com/],
  ['*.Example.com', /write \*\.example\.com/],
  ['mcp.example.com.', /write mcp\.example\.com$/],
  ['bücher.example', /write xn--bcher-kva\.example/],
  ['0x7f.1', /write 127\.0\.0\.1/],
  ['[2001:DB8:0::1]', /write \[2001:db8::1\]/],
  ['1.2.3.4.5', /is not a host name/],
  ['*.10.0.0.1', /is not a host name/],
  ['*.', /is not a host name/],
  ['', /is not a host name/],
])('%j %s', (pattern, message) => {
  expect(hostPatternProblem(pattern)).toMatch(message);
});
