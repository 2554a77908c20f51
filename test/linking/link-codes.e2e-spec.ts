import { agree, codeOn, NOBODY, proposed } from '../support/both-sides.js';
import { refusal } from '../support/expectations.js';
import { NO_RETRY, notesOf, signIn } from '../support/links.js';
import { startMailApp } from '../support/mailbox.js';
import { bearer } from '../support/people.js';
import { closeApps } from '../support/running-apps.js';
import { SECRET } from '../support/test-app.js';
import type { TestApp } from '../support/test-app.js';

afterAll(closeApps);

describe('the code of a link', () => {
  let host: TestApp;
  beforeAll(async () => {
    host = await startMailApp({ options: { linking: NO_RETRY } });
  });
  const wrong = (code: string) => (code.startsWith('B') ? 'C' : 'B') + code.slice(1);

  it('is refused when it is another', async () => {
    const { guest, phone, path } = await proposed(host, 'mine');
    const code = await codeOn(phone, path);
    for (const client of [guest.client, phone]) {
      expect(await client.post(`${path}/confirm`, { code: wrong(code) })).toMatchObject(
        refusal(400, 'LINK_CODE_MISMATCH'),
      );
    }
    expect((await phone.get(path)).body).toMatchObject({ code, agreed: NOBODY });
    expect((await agree(phone, path)).status).toBe(200);
  });

  it('is worth nothing any more after five that were another, and the link is declined', async () => {
    const { guest, account, phone, path } = await proposed(host, 'mine');
    const code = await codeOn(phone, path);
    await agree(guest.client, path);
    for (let n = 0; n < 5; n += 1) {
      expect(await phone.post(`${path}/confirm`, { code: wrong(code) })).toMatchObject(
        refusal(400, 'LINK_CODE_MISMATCH'),
      );
    }
    const link = { status: 'declined', policy: 'both-sides', receipt: null };
    for (const client of [guest.client, phone]) {
      for (const tried of [code, wrong(code)]) {
        expect(await client.post(`${path}/confirm`, { code: tried })).toMatchObject(
          refusal(403, 'LINK_NEEDS_GUEST'),
        );
      }
      const { body } = await client.get(path);
      expect(body).toEqual({ ...link, id: body.id, agreed: NOBODY, preview: null });
    }
    expect(await notesOf(host, guest.userId)).toEqual(['mine']);
    // The guest's own browser needs no code.
    expect((await signIn(guest, account)).body.link).toMatchObject({ status: 'merged' });
  });

  it('is counted once for each that was another, also at the same time', async () => {
    const { phone, path, guest } = await proposed(host, 'mine');
    const code = await codeOn(phone, path);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        [phone, guest.client][n % 2]!.post(`${path}/confirm`, { code: wrong(code) }),
      ),
    );
    const codes = answers.map(({ body }) => body.code);
    expect(codes.filter((each) => each === 'LINK_CODE_MISMATCH')).toHaveLength(5);
    expect(codes.filter((each) => each === 'LINK_NEEDS_GUEST')).toHaveLength(15);
    expect(await phone.post(`${path}/confirm`, { code })).toMatchObject(
      refusal(403, 'LINK_NEEDS_GUEST'),
    );
  });

  it('is that of every secret in rotation', async () => {
    const { phone, path, guest } = await proposed(host, 'mine');
    const before = await codeOn(phone, path);
    const rotated = await startMailApp({
      databaseUrl: host.databaseUrl,
      options: {
        linking: NO_RETRY,
        secret: undefined,
        secrets: ['another secret for tests that is long enough', SECRET],
      },
    });
    const asGuest = bearer(rotated, guest.token);
    expect(await codeOn(asGuest, path)).not.toBe(before);
    expect(await asGuest.post(`${path}/confirm`, { code: before })).toMatchObject({
      status: 200,
      body: { agreed: { guest: true } },
    });
  });

  it('is of one link', async () => {
    const [one, other] = [await proposed(host, 'a'), await proposed(host, 'b')];
    const code = await codeOn(other.phone, other.path);
    expect(await one.phone.post(`${one.path}/confirm`, { code })).toMatchObject(
      refusal(400, 'LINK_CODE_MISMATCH'),
    );
  });
});
