import assert from 'node:assert/strict';
import { HttpClient } from '../support/http-client.js';

const ORIGIN = 'https://app.example';
const password = 'correct horse battery';

/** What an app does with the library, seen from outside. @returns how many things were checked. */
export async function playScenario(url: string): Promise<number> {
  const steps = [issue, guard, upgrade, refuseBadInput, link];
  for (const step of steps) await step(() => new HttpClient(url, { origin: ORIGIN }));
  return steps.length;
}

type NewBrowser = () => HttpClient;

async function issue(newBrowser: NewBrowser): Promise<void> {
  const browser = newBrowser();
  const first = await browser.post('/things', { note: 'first' });
  assert.equal(first.status, 201, first.text);
  assert.equal(first.body.isAnonymous, true);
  const second = await browser.post('/things', { note: 'second' });
  assert.equal(second.body.userId, first.body.userId);
  const things = await browser.get('/things');
  assert.deepEqual(things.body.notes, ['first', 'second']);
}

async function guard(newBrowser: NewBrowser): Promise<void> {
  const stranger = newBrowser();
  assert.equal((await stranger.get('/things')).status, 401);
  const guest = newBrowser();
  const { body } = await guest.post('/auth/anonymous');
  const refused = await guest.post('/things/checkout', {});
  assert.equal(refused.status, 403, refused.text);
  assert.equal(refused.body.code, 'UPGRADE_REQUIRED');
  assert.equal((await guest.get('/things/for-guests')).body.userId, body.user.id);
  assert.equal((await guest.get('/passport')).body.userId, body.user.id);
}

async function upgrade(newBrowser: NewBrowser): Promise<void> {
  const browser = newBrowser();
  const { body: guest } = await browser.post('/things', { note: 'mine', credits: 3 });
  const account = await browser.post('/auth/anonymous/upgrade', {
    email: 'grace@example.com',
    password,
  });
  assert.equal(account.status, 200, account.text);
  assert.equal(account.body.user.id, guest.userId);
  assert.equal(account.body.user.isAnonymous, false);
  assert.equal((await browser.post('/things/checkout', {})).body.userId, guest.userId);
  assert.equal((await browser.get('/things/for-guests')).status, 403);
  const things = await browser.get('/things');
  assert.deepEqual(things.body, { notes: ['mine'], credits: [3], tags: [] });
}

async function refuseBadInput(newBrowser: NewBrowser): Promise<void> {
  const browser = newBrowser();
  const answer = await browser.post('/auth/sign-in/email', { email: 'nobody', surplus: 1 });
  assert.equal(answer.status, 400, answer.text);
  assert.equal(answer.body.code, 'VALIDATION_FAILED');
  const wrong = await browser.post('/auth/sign-in/email', { email: 'no@example.com', password });
  assert.equal(wrong.status, 401, wrong.text);
  const elsewhere = await new HttpClient(browser.baseUrl, { origin: 'https://evil.example' }).post(
    '/auth/anonymous',
  );
  assert.equal(elsewhere.status, 403, elsewhere.text);
}

async function link(newBrowser: NewBrowser): Promise<void> {
  const email = 'ada@example.com';
  const owner = newBrowser();
  const { body: account } = await owner.post('/auth/sign-up/email', { email, password });
  await owner.post('/things', { note: 'old', credits: 10, tag: 'dog' });

  const browser = newBrowser();
  const { body: guest } = await browser.post('/things', { note: 'new', credits: 5, tag: 'dog' });
  assert.notEqual(guest.userId, account.user.id);
  const signedIn = await browser.post('/auth/sign-in/email', { email, password });
  assert.equal(signedIn.status, 200, signedIn.text);
  assert.equal(signedIn.body.user.id, account.user.id);
  assert.equal(signedIn.body.link?.status, 'merged', signedIn.text);

  const things = await browser.get('/things');
  assert.deepEqual(things.body, { notes: ['new', 'old'], credits: [15], tags: ['dog'] });
  const heard = await browser.get('/passport/heard');
  assert.deepEqual(heard.body, { linked: [guest.userId], folded: [15] });
}
