/** Notifications from the outbox of a real database to a receiver over HTTPS. */
import { afterAll, beforeAll, describe } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { OpenStore } from '../../stores/open-store.ts';
import { openPostgres } from '../../stores/postgres/index.ts';
import { notifierContract } from '../harness/notifier-contract.ts';
import { PostgresServer } from '../harness/postgres.ts';

describe('on PostgreSQL 18', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await PostgresServer.start('18');
  });
  afterAll(() => server.stop());

  notifierContract(async () => new OpenStore(await openPostgres(await server.createDatabase()), systemClock));
});
