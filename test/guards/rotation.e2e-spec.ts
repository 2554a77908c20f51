import { randomUUID } from 'node:crypto';
import { Clock } from '../../src/index.js';
import { askForCode, typeCode } from '../support/codes.js';
import type { HttpClient } from '../support/http-client.js';
import { addNotes, NO_RETRY, notesOf } from '../support/links.js';
import { askForLink, Mailbox, redeem } from '../support/mailbox.js';
import { newAccount, newGuest } from '../support/people.js';
import { closeApps, startApp, startBeside } from '../support/running-apps.js';
import { SECRET, type TestApp } from '../support/test-app.js';
import { TestClock } from '../support/test-clock.js';

const NEXT = 'the next secret for tests that is long enough to sign';
/** What the two instances know, one deployment after the other. One of them is always a step behind. */
const STEPS: readonly (readonly (readonly string[])[])[] = [
  [[SECRET], [SECRET, NEXT]],
  [
    [SECRET, NEXT],
    [SECRET, NEXT],
  ],
  [
    [NEXT, SECRET],
    [SECRET, NEXT],
  ],
  [
    [NEXT, SECRET],
    [NEXT, SECRET],
  ],
];

describe('another secret on instances that are deployed one after the other', () => {
  const clock = new TestClock();
  let first: TestApp;
  beforeEach(async () => {
    first = await startApp(settings([SECRET]));
  });
  afterEach(async () => {
    clock.reset();
    await closeApps();
  });

  const settings = (secrets: readonly string[]) => ({
    extras: { mailer: Mailbox },
    options: { linking: NO_RETRY, secret: undefined, secrets },
    overrides: [{ token: Clock, value: clock }],
  });

  /** The same browser in front of another instance. */
  const at = (host: TestApp, { cookies }: HttpClient): HttpClient => {
    const browser = host.browser();
    cookies.copyTo(browser.cookies);
    return browser;
  };

  it('signs nobody out, whichever instance answers', async () => {
    const people = [await newGuest(first), await newAccount(first)];
    let browsers = people.map(({ client }) => client);
    for (const secrets of STEPS) {
      const instances = [];
      for (const known of secrets) instances.push(await startBeside(first, settings(known)));
      // Long enough for a renewal at every step.
      clock.advance({ days: 5 });
      for (const instance of [...instances, ...instances.toReversed()]) {
        browsers = browsers.map((browser) => at(instance, browser));
        for (const [n, browser] of browsers.entries()) {
          expect(await browser.post('/access/write')).toMatchObject({
            status: 201,
            body: { userId: people[n]!.userId },
          });
        }
      }
    }
    const last = await startBeside(first, settings([NEXT]));
    expect(await at(last, browsers[1]!).get('/access/account')).toMatchObject({ status: 200 });
  });

  it('ends nothing that is on its way', async () => {
    const link = newEmailOf();
    const code = newEmailOf();
    const guests = [first.browser(), first.browser()];
    for (const guest of guests) await addNotes(guest, 'mine');
    const token = await askForLink(first, guests[0]!, link);
    const otp = await askForCode(first, guests[1]!, code);
    const after = await startBeside(first, settings([NEXT, SECRET]));
    const answers = [
      await redeem(at(after, guests[0]!), token),
      await typeCode(at(after, guests[1]!), code, otp),
    ];
    for (const { status, body } of answers) {
      expect(status).toBe(200);
      expect(await notesOf(first, body.user.id)).toEqual(['mine']);
    }
  });
});

const newEmailOf = () => `${randomUUID()}@example.com`;
