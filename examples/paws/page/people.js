import { showAddress } from './address.js';
import { answerOf, client } from './auth.js';
import { byId, count, list, onSubmit } from './dom.js';
import { lookIntoInbox } from './inbox.js';
import { KEPT, showReceipt, tell } from './receipt.js';

/** @param changed called when somebody else is here. */
export function setUpPeople(changed) {
  for (const radio of document.querySelectorAll('[name=way]')) {
    radio.addEventListener('change', () => choose(radio.value));
  }
  onSubmit(byId('sign-up'), async ({ email, password }) => {
    const wasGuest = byId('who').dataset.kind === 'guest';
    const callbackURL = '/#account';
    const body = { email, password, name: '', callbackURL };
    const { token } = await answerOf(client.signUp.email(body));
    void lookIntoInbox();
    if (token === null) return 'Look into your mail. Your account is made when you open the link.';
    await arrive(changed);
    tell(wasGuest ? KEPT : 'Your account is made.');
  });
  onSubmit(byId('sign-in'), async ({ email, password }) => {
    const { link } = await answerOf(client.signIn.email({ email, password }));
    await arrive(changed);
    showReceipt(link, changed);
  });
  byId('sign-out').addEventListener('click', () => void leave(changed));
}

/** Tells who is here and what they own. */
export function showPerson(user, owned) {
  const isAccount = user !== null && !user.isAnonymous;
  byId('signed-in').hidden = !isAccount;
  byId('signed-out').hidden = isAccount;
  byId('signed-in-as').textContent = isAccount ? (user.email ?? user.name ?? 'somebody') : '';
  showAddress(isAccount ? user : null);
  byId('who').dataset.kind = isAccount ? 'account' : user ? 'guest' : 'nobody';
  const isAsked = owned.links.signIns.length > 0;
  byId('who-action').hidden = !isAsked && (isAccount || user === null);
  byId('who-action').textContent = isAsked ? 'Answer the other browser' : 'Keep it for good';
  byId('sign-up-note').textContent = user
    ? 'All that you have added comes along.'
    : 'So that you find your dogs on every device.';
  byId('who-text').textContent = wordsAbout(user, inWords(owned));
}

function inWords({ dogs: { pets, photos }, items, marks: { favourites, visits } }) {
  const inBasket = items.reduce((sum, { quantity }) => sum + quantity, 0);
  const things = [
    pets.length > 0 && count(pets.length, 'dog'),
    photos.length > 0 && count(photos.length, 'photo'),
    favourites.length > 0 && count(favourites.length, 'favourite'),
    visits.length > 0 && count(visits.length, 'visit'),
    inBasket > 0 && `${inBasket} in the basket`,
  ];
  return list(things.filter(Boolean)) || 'nothing yet';
}

function wordsAbout(user, owns) {
  if (user === null)
    return 'Looking around needs no account. Add a dog, and this device remembers it.';
  return user.isAnonymous ? `You are browsing as a guest: ${owns}.` : `You are signed in: ${owns}.`;
}

/** The forms are gone after a sign-in, so the cursor goes to what replaced them. */
export async function arrive(changed) {
  for (const form of ['sign-up', 'sign-in', 'code-form']) byId(form).reset();
  await changed();
  byId('account').focus();
}

async function leave(changed) {
  try {
    await answerOf(client.signOut());
  } catch (error) {
    tell(error.message);
    return;
  }
  tell('');
  choose('sign-in');
  await changed();
  byId('account').focus();
}

function choose(way) {
  for (const form of ['sign-up', 'sign-in']) byId(form).hidden = form !== way;
  document.querySelector(`[name=way][value=${way}]`).checked = true;
  const [from, to] = way === 'sign-in' ? ['sign-up', 'sign-in'] : ['sign-in', 'sign-up'];
  byId(`${to}-email`).value ||= byId(`${from}-email`).value;
}
