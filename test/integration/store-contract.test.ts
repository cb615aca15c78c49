/** The store's contract, on the oldest and the newest PostgreSQL that are supported. */
import { afterAll, beforeAll, describe } from 'vitest';
import { openPostgres } from '../../stores/postgres/index.ts';
import { approvalContract } from '../../stores/testing/approval-contract.ts';
import { storeContract } from '../../stores/testing/contract.ts';
import { POSTGRES_VERSIONS } from '../harness/postgres-binaries.ts';
import { PostgresServer } from '../harness/postgres.ts';

describe.each(POSTGRES_VERSIONS)('PostgreSQL %s', (version) => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await PostgresServer.start(version);
  });
  afterAll(() => server.stop());

  storeContract(async () => openPostgres(await server.createDatabase()));
  describe('of approvals', () => approvalContract(async () => openPostgres(await server.createDatabase())));
});
