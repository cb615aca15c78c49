import { expect, it } from 'vitest';
import { ConfigError } from '../../../core/errors.ts';
import { parseBindAddress } from './bind-address.ts';

it.each([
  [':8080', { host: undefined, port: 8080 }],
  ['127.0.0.1:0', { host: '127.0.0.1', port: 0 }],
  ['[::1]:8081', { host: '::1', port: 8081 }],
  ['0', undefined],
])('%s', (text, expected) => {
  expect(parseBindAddress(text)).toEqual(expected);
});

it.each(['', '8080', ':', ':99999', 'host:', 'host:http'])('refuses "%s"', (text) => {
  expect(() => parseBindAddress(text)).toThrow(ConfigError);
});
