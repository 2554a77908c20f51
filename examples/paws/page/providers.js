import { get } from './api.js';
import { answerOf, client } from './auth.js';
import { byId, onSubmit } from './dom.js';

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
