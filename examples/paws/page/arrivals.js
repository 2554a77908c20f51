import { answerOf, client } from './auth.js';
import { byId } from './dom.js';
import { wordsOf } from './errors.js';
import { KEPT, showReceipt, tell } from './receipt.js';

/** A link that is older is not what this sign-in has set going. */
const JUST_NOW_MS = 60_000;

/**
 * Tells somebody who comes back from a provider or a mail what has become of what they had as a guest, or why it did not work.
 */
export async function arriveFromElsewhere(changed) {
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
