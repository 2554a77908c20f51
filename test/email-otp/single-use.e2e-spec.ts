import { randomUUID } from 'node:crypto';
import { type LinkDecision, LinkPolicy } from '../../src/index.js';
import { Barrier, eventually } from '../support/barrier.js';
import { askForCode, typeCode } from '../support/codes.js';
import { expectCleanDatabase } from '../support/checker.js';
import { NO_RETRY } from '../support/links.js';
import { Mailbox } from '../support/mailbox.js';
import { newGuest } from '../support/people.js';
import {
  closeRawConnections,
  RawConnection,
  waitingStatements,
} from '../support/raw-connection.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

describe('a right code', () => {
  let host: TestApp;
  let found: Barrier;
  /** Asked between the look at the code and its use. */
  class MeetingPolicy extends LinkPolicy {
    override async decide(): Promise<LinkDecision> {
      await found.pass();
      return 'keep';
    }
  }
  beforeAll(async () => {
    host = await createTestApp({
      options: { linking: NO_RETRY },
      extras: { mailer: Mailbox, linkPolicy: MeetingPolicy },
    });
  });
  afterEach(async () => {
    found.open();
    await closeRawConnections();
  });
  afterAll(() => host.close());

  it('signs in one of three who have all typed it before anybody was in', async () => {
    found = new Barrier();
    const email = `${randomUUID()}@example.com`;
    const owner = host.browser();
    const { body } = await typeCode(owner, email, await askForCode(host, owner, email));
    const code = await askForCode(host, owner, email);
    const guests = [await newGuest(host), await newGuest(host), await newGuest(host)];
    const typing = guests.map(({ client }) => typeCode(client, email, code));
    await found.reached(3);
    const raw = await RawConnection.open(host.databaseUrl);
    await raw.query('BEGIN');
    await raw.query('SELECT 1 FROM auth_flows FOR UPDATE');
    found.open();
    await eventually('all three wait', async () => {
      return (await waitingStatements(host.databaseUrl)).length === 3;
    });
    await raw.query('COMMIT');
    const answers = await Promise.all(typing);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(2);
    const sessions = await host.sql('SELECT 1 FROM sessions WHERE user_id = $1', [body.user.id]);
    expect(sessions).toHaveLength(2);
  });

  it('leaves a clean database behind', () => expectCleanDatabase(host.databaseUrl));
});
