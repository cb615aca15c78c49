/**
 * Whether etcd and the API server answer.
 */
import { get } from 'node:https';
import { connect } from 'node:net';

const DEADLINE_MS = 2_000;

/** Whether the API server at `url` says that it is ready. The question needs no credentials, only trust in `authority` (PEM). */
export function apiServerReady(url: string, authority: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get(
      `${url}/readyz`,
      { ca: authority, agent: false, timeout: DEADLINE_MS },
      (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      },
    );
    request.on('timeout', () => request.destroy(new Error('no answer in time')));
    // Refused, reset, too late: each means "not yet".
    request.on('error', () => resolve(false));
  });
}

/** Whether something listens on a TCP port. */
export function isListening(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: DEADLINE_MS });
    const answer = (listening: boolean): void => {
      socket.destroy();
      resolve(listening);
    };
    socket.once('connect', () => answer(true));
    socket.once('timeout', () => answer(false));
    socket.once('error', () => answer(false));
  });
}
