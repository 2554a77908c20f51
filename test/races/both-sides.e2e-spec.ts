import { Barrier, eventually } from '../support/barrier.js';
import { agree, codeOn, type Proposal, proposed } from '../support/both-sides.js';
import { expectCleanDatabase } from '../support/checker.js';
import { refusal } from '../support/expectations.js';
import { Wallet } from '../support/host.js';
import {
  addNotes,
  creditsOf,
  giveWallet,
  handlerOf,
  ledgerOf,
  NO_RETRY,
  notesOf,
  userExists,
  WalletMergeHandler,
} from '../support/links.js';
import { Mailbox } from '../support/mailbox.js';
import { bearer } from '../support/people.js';
import {
  closeRawConnections,
  RawConnection,
  waitingStatements,
} from '../support/raw-connection.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

describe('guest and account that answer at the same moment, on two instances', () => {
  let host: TestApp;
  let second: TestApp;
  let merging: Barrier;
  let merges = 0;
  const wallets = new WalletMergeHandler();
  const handler = handlerOf(Wallet, async (context) => {
    merges += 1;
    await merging.pass();
    return wallets.merge(context);
  });
  beforeAll(async () => {
    const settings = {
      extras: { mailer: Mailbox },
      options: { linking: NO_RETRY },
      providers: [handler],
    };
    host = await createTestApp(settings);
    second = await createTestApp({ ...settings, databaseUrl: host.databaseUrl });
  });
  beforeEach(() => {
    merges = 0;
    merging = new Barrier();
    merging.open();
  });
  afterEach(async () => {
    merging.open();
    await closeRawConnections();
  });
  afterAll(async () => {
    await second.close();
    await host.close();
  });

  /** Each side at an instance of its own. */
  async function meeting() {
    const proposal = await proposed(host, 'mine');
    await giveWallet(host, proposal.account.userId, 50);
    await giveWallet(host, proposal.guest.userId, 100);
    const code = await codeOn(proposal.phone, proposal.path);
    const asGuest = bearer(second, proposal.guest.token);
    return { ...proposal, asGuest, code };
  }

  /** Somebody writes for the guest, so that whoever wants to hold it waits. */
  async function writingFor({ guest }: Proposal): Promise<RawConnection> {
    const raw = await RawConnection.open(host.databaseUrl);
    await raw.query('BEGIN');
    await raw.query("INSERT INTO note (user_id, text) VALUES ($1, 'late')", [guest.userId]);
    return raw;
  }

  it('both agree, and it is merged once', async () => {
    const met = await meeting();
    const { phone, asGuest, path, code, account, guest } = met;
    const raw = await writingFor(met);
    const answers = [phone, asGuest].map((client) => client.post(`${path}/confirm`, { code }));
    await eventually('both wait', async () => {
      return (await waitingStatements(host.databaseUrl)).length === 2;
    });
    await raw.query('COMMIT');
    const bodies = (await Promise.all(answers)).map(({ body }) => body.status as string);
    expect(bodies.toSorted()).toEqual(['awaiting-consent', 'merged']);
    expect(merges).toBe(1);
    expect(await notesOf(host, account.userId)).toEqual(['late', 'mine']);
    expect(await creditsOf(host, account.userId)).toEqual([150]);
    expect(await userExists(host, guest.userId)).toBe(false);
    expect(await ledgerOf(host, guest.userId)).toMatchObject([{ status: 'merged', attempts: 1 }]);
  });

  it('the account agrees twice, and it is merged once', async () => {
    const met = await meeting();
    const { phone, asGuest, path, code, account } = met;
    await agree(asGuest, path);
    const raw = await writingFor(met);
    const answers = [1, 2].map(() => phone.post(`${path}/confirm`, { code }));
    await eventually('both wait', async () => {
      return (await waitingStatements(host.databaseUrl)).length === 2;
    });
    await raw.query('COMMIT');
    for (const answer of await Promise.all(answers)) {
      expect(answer).toMatchObject({ status: 200, body: { status: 'merged' } });
    }
    expect(merges).toBe(1);
    expect(await creditsOf(host, account.userId)).toEqual([150]);
  });

  it('one declines while the other agrees: nothing is merged, or it is too late to decline', async () => {
    for (let round = 0; round < 6; round += 1) {
      const { phone, asGuest, path, code, guest, account } = await meeting();
      await agree(asGuest, path);
      const [agreed, declined] = await Promise.all([
        phone.post(`${path}/confirm`, { code }),
        asGuest.post(`${path}/decline`),
      ]);
      if (agreed.body.status === 'merged') {
        expect([401, 409]).toContain(declined.status);
        expect(await notesOf(host, account.userId)).toEqual(['mine']);
      } else {
        expect(agreed).toMatchObject({ status: 200, body: { status: 'awaiting-consent' } });
        expect(declined).toMatchObject({ status: 200, body: { status: 'declined' } });
        expect(await notesOf(host, guest.userId)).toEqual(['mine']);
      }
    }
  });

  it('the guest signs in elsewhere while the account agrees: its rows go one way', async () => {
    const met = await meeting();
    const { phone, asGuest, path, code, guest, account } = met;
    const other = await proposed(host, 'other');
    const { email, password } = other.account;
    await agree(asGuest, path);
    const [, signedIn] = await Promise.all([
      phone.post(`${path}/confirm`, { code }),
      asGuest.post('/auth/sign-in/email', { email, password }),
    ]);
    expect(signedIn.status).toBe(200);
    const sides = [await notesOf(host, account.userId), await notesOf(host, other.account.userId)];
    expect(sides.flat()).toEqual(['mine']);
    expect(await userExists(host, guest.userId)).toBe(false);
  });

  it('the guest goes on writing until the second yes, and what it wrote is merged', async () => {
    const met = await meeting();
    const { phone, asGuest, path, account, guest } = met;
    await agree(phone, path);
    await addNotes(asGuest, 'later');
    merging = new Barrier();
    const merged = agree(asGuest, path);
    await merging.reached();
    const late = await bearer(host, guest.token).post('/notes', { text: 'too late' });
    expect(late).toMatchObject(refusal(409, 'GUEST_MERGED'));
    merging.open();
    expect(await merged).toMatchObject({ status: 200, body: { status: 'merged' } });
    expect(await notesOf(host, account.userId)).toEqual(['later', 'mine']);
  });

  it('leaves a clean database behind', () => expectCleanDatabase(host.databaseUrl));
});
