/**
 * Runs a Lua script the way Argo CD does: the object is the global `obj`, the script returns a table with `status` and
 * `message`. Lua 5.1, the version that Argo CD's own interpreter speaks.
 */
import { Lua } from 'wasmoon-lua5.1';

/** What Argo CD reads from the script's result. */
export interface HealthResult {
  readonly status: string;
  readonly message: string;
}

/** Runs `script` over `object`, which must be JSON. */
export async function runHealthCheck(script: string, object: unknown): Promise<HealthResult> {
  const lua = await Lua.create();
  try {
    // As text, and with a plain string as result: nothing of JavaScript reaches the script.
    const chunk = `obj = ${literal(object)}\nlocal function check()\n${script}\nend\nlocal hs = check()\nreturn hs.status .. "\\n" .. (hs.message or "")`;
    const result: unknown = await lua.doString(chunk);
    const [status = '', ...message] = String(result).split('\n');
    return { status, message: message.join('\n') };
  } finally {
    lua.global.close();
  }
}

function literal(value: unknown): string {
  if (value === null || value === undefined) return 'nil';
  if (typeof value !== 'object') return JSON.stringify(value);
  const entries = Array.isArray(value)
    ? value.map(literal)
    : Object.entries(value).map(([key, member]) => `[${JSON.stringify(key)}] = ${literal(member)}`);
  return `{ ${entries.join(', ')} }`;
}
