/** What no check may ever do, whatever it looks for. */
import { expect } from 'vitest';
import type { FixtureRun } from './run-fixture.ts';

/** Only these leave a server as they found it: nothing that a check sends may call a tool or read data. */
const PASSIVE =
  /^(?:|initialize|notifications\/initialized|server\/discover|ping|(?:tools|prompts|resources|resources\/templates)\/list)$/;

/** Fails unless the run sent nothing else, and its verdict rests on exchanges that took place. */
export function expectPassive({ verdict, requests, exchanges }: FixtureRun): void {
  expect(requests.map(({ method }) => method).filter((method) => !PASSIVE.test(method))).toEqual([]);
  for (const id of verdict.exchanges ?? []) expect(exchanges.map((each) => each.id)).toContain(id);
}
