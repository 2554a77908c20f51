import { get } from './api.js';
import { answerOf, client } from './auth.js';
import { byId, onSubmit } from './dom.js';
import { wordsOf } from './errors.js';
import { KEPT, showReceipt, tell } from './receipt.js';

/** A link that is older is not what this sign-in has set going. */
const JUST_NOW_MS = 60_000;

/** Signing in with somebody else, where there is somebody. */
export async function setUpProviders() {
  onSubmit(byId('provider-form'), async ({ provider }) => {
    const wasGuest = byId('who').dataset.kind === 'guest';
    // The client goes there by itself.
    await answerOf(
      client.signIn.social({
        provider,
        callbackURL: '/?arrived=known#account',
        newUserCallbackURL: `/?arrived=${wasGuest ? 'kept' : 'new'}#account`,
        errorCallbackURL: '/#account',
      }),
    );
  });
  const [provider] = await get('/providers').catch(() => []);
  if (!provider) return;
  byId('provider').value = provider;
  byId('provider-name').textContent = provider;
  byId('provider-form').hidden = false;
}

/** Tells somebody who comes back what has become of what they had as a guest, or why it did not work. */
export async function arriveFromProvider(changed) {
  const query = new URLSearchParams(location.search);
  const [error, arrived] = [query.get('error'), query.get('arrived')];
  if (!error && !arrived) return;
  history.replaceState(null, '', `${location.pathname}${location.hash}`);
  if (error) tell(wordsOf(error));
  else if (arrived === 'kept') tell(KEPT);
  else if (arrived === 'new') tell('Your account is made.');
  else showReceipt(await latestLink(), changed);
  byId('account').focus();
}

async function latestLink() {
  const [link] = await answerOf(client.links.list()).catch(() => []);
  const isOld = link?.receipt && Date.now() - link.receipt.mergedAt > JUST_NOW_MS;
  return link && !isOld ? link : null;
}
