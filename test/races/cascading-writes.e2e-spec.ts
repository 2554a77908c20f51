import { Controller, Post, UseGuards } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { CurrentUser, type Principal, SessionGuard } from '../../src/index.js';
import { Barrier, eventually } from '../support/barrier.js';
import { linkInState, NO_RETRY, signIn } from '../support/links.js';
import { bearer, newAccount, newGuest } from '../support/people.js';
import {
  closeRawConnections,
  RawConnection,
  waitingStatements,
} from '../support/raw-connection.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

/** A deletion of users stops before it has looked at a row, for as long as the test holds the lock. */
const SCHEMA = `
  CREATE TABLE sketch (id serial PRIMARY KEY, text text NOT NULL,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE);
  CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_advisory_xact_lock(7); RETURN NULL; END $$;
  CREATE TRIGGER stop BEFORE DELETE ON users FOR EACH STATEMENT EXECUTE FUNCTION stop()`;

let writing: Barrier;

@Controller('sketches')
@UseGuards(SessionGuard)
class SketchesController {
  constructor(private readonly dataSource: DataSource) {}

  @Post()
  async add(@CurrentUser() { userId }: Principal) {
    await writing.pass();
    await this.dataSource.query(`INSERT INTO sketch (user_id, text) VALUES ($1, 'late')`, [userId]);
  }
}

describe('a write to a table whose rows go with the guest', () => {
  let host: TestApp;
  beforeAll(async () => {
    const options = { linking: NO_RETRY };
    host = await createTestApp({ options, schema: SCHEMA, controllers: [SketchesController] });
  });
  afterEach(async () => {
    writing.open();
    await closeRawConnections();
  });
  afterAll(() => host.close());

  it('that comes when everything else has been moved is the account’s, or refused', async () => {
    const [account, guest] = [await newAccount(host), await newGuest(host)];
    writing = new Barrier();
    const late = bearer(host, guest.token).post('/sketches');
    await writing.reached();
    const raw = await RawConnection.open(host.databaseUrl);
    await raw.query('BEGIN');
    await raw.query('SELECT pg_advisory_xact_lock(7)');
    const signingIn = signIn(guest, account);
    await raw.blocks();
    let isAnswered = false;
    void late.then(() => (isAnswered = true));
    writing.open();
    await eventually('the row is stored, or waits for the merge', async () => {
      const waiting = await waitingStatements(host.databaseUrl);
      return isAnswered || waiting.some((sql) => sql.includes('INSERT INTO sketch'));
    });
    await raw.query('COMMIT');
    expect((await signingIn).status).toBe(200);
    await linkInState(host, guest.userId, 'merged');
    const { status } = await late;
    const owners = await host.sql('SELECT user_id FROM sketch');
    expect([
      { status: 201, owners: [{ user_id: account.userId }] },
      { status: 409, owners: [] },
    ]).toContainEqual({ status, owners });
  });
});
