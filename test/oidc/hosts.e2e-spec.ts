import { memberUsers, unusualUsers } from '../support/host-users.js';
import { addNotes, NO_RETRY, notesOf } from '../support/links.js';
import { newAccount } from '../support/people.js';
import { StubIdp, stopIdps } from '../support/stub-idp.js';
import { createTestApp, type TestApp } from '../support/test-app.js';
import { comeBack, ledTo, newPerson, setOutToLink, visit, whoIs } from '../support/visits.js';

afterAll(stopIdps);

describe.each(unusualUsers)('providers on a user table with %s', (_, users) => {
  let host: TestApp;
  let idp: StubIdp;
  let untrusted: StubIdp;
  beforeAll(async () => {
    [idp, untrusted] = [await StubIdp.start(), await StubIdp.start('untrusted')];
    const providers = [idp.provider({ trustEmail: true }), untrusted.provider()];
    host = await createTestApp({ users, options: { linking: NO_RETRY, providers } });
  });
  afterAll(() => host.close());

  it('keep the id and the rows of a guest, and merge the next one', async () => {
    const person = newPerson();
    const browser = host.browser();
    await addNotes(browser, 'first');
    const { id } = await whoIs(browser);
    await visit(browser, idp, person);
    expect(await whoIs(browser)).toMatchObject({ id, email: person.email, isAnonymous: false });
    const phone = host.browser();
    await addNotes(phone, 'second');
    await visit(phone, idp, person);
    expect((await whoIs(phone)).id).toBe(id);
    expect(await notesOf(host, id)).toEqual(['first', 'second']);
  });

  it('make accounts of people whose address counts for nothing', async () => {
    const person = newPerson();
    const [browser, guest] = [host.browser(), host.browser()];
    await addNotes(guest, 'mine');
    const { id } = await whoIs(guest);
    expect(ledTo(await visit(browser, untrusted, person)).to).toBe('/');
    const user = await whoIs(browser);
    expect(user).toMatchObject({ isAnonymous: false, emailVerified: false });
    expect(user.email).not.toBe(person.email);
    await visit(guest, untrusted, newPerson());
    expect(await whoIs(guest)).toMatchObject({ id, isAnonymous: false });
    const again = host.browser();
    await visit(again, untrusted, person);
    expect((await whoIs(again)).id).toBe(user.id);
  });

  it('find the account that has the address, and take older ways in from one that has not proven it', async () => {
    const { email, password, userId, client } = await newAccount(host);
    const browser = host.browser();
    await visit(browser, idp, newPerson({ email }));
    expect((await whoIs(browser)).id).toBe(userId);
    expect(await whoIs(client)).toBeNull();
    expect((await client.post('/auth/sign-in/email', { email, password })).status).toBe(401);
    const phone = host.browser();
    await visit(phone, idp, newPerson({ email }));
    expect((await whoIs(phone)).id).toBe(userId);
    expect((await whoIs(browser)).id).toBe(userId);
  });

  it('are linked and unlinked', async () => {
    const { client, userId } = await newAccount(host);
    const person = newPerson();
    await comeBack(client, idp.approve(await setOutToLink(client), person));
    const phone = host.browser();
    await visit(phone, idp, person);
    expect((await whoIs(phone)).id).toBe(userId);
    const { status } = await client.post('/auth/unlink-account', { providerId: 'idp' });
    expect(status).toBe(200);
  });
});

describe('an account that its host has deleted softly', () => {
  it('is closed: its identity signs nobody in, and makes no second account', async () => {
    const idp = await StubIdp.start();
    const providers = [idp.provider()];
    const host = await createTestApp({ users: memberUsers, options: { providers } });
    const person = newPerson();
    const browser = host.browser();
    await visit(browser, idp, person);
    const { id } = await whoIs(browser);
    await host.sql('UPDATE members SET deleted_at = now() WHERE id = $1', [id]);
    const back = host.browser();
    const answer = await visit(back, idp, person, { errorCallbackURL: '/oops' });
    expect(ledTo(answer)).toEqual({ status: 302, to: '/oops?error=ACCOUNT_NOT_FOUND' });
    expect(await whoIs(back)).toBeNull();
    await host.close();
  });
});
