import { get, post } from './api.js';
import { byId, element, onClick } from './dom.js';
import { showReceipt, tell } from './receipt.js';

const LOOKS_EVERY_MS = 4_000;

const WORDS = {
  guest: [
    'Somebody has opened the mail that was asked for here, in another browser. Does it show this code?',
    'Then all you have here can move to that account.',
  ],
  account: [
    'Another browser asked for the mail that you have opened. Does it show this code?',
    'Then its dogs can come along.',
  ],
};

const MOVED = 'All you had here is in your account. Sign in to see it.';

const isHere = (kind) => byId('who').dataset.kind === kind;

let shown = '[]';

/** Sign-ins that began in one browser and ended in another, and that wait for the word of both. */
export async function loadSignIns() {
  const links = await get('/auth/links');
  return links.filter(({ status, agreed }) => status === 'awaiting-consent' && agreed);
}

/** Looks again every now and then, for the other browser may have answered. */
export function setUpOtherDevice(changed) {
  const look = async () => {
    // Only a guest can be asked out of the blue: an account is asked when it arrives.
    const wasGuest = isHere('guest');
    if ((!wasGuest && shown === '[]') || document.visibilityState !== 'visible') return;
    const links = await loadSignIns().catch(() => []);
    if (JSON.stringify(links) === shown) return;
    await changed();
    if (wasGuest && isHere('nobody')) tell(MOVED);
  };
  setInterval(() => void look(), LOOKS_EVERY_MS);
}

/** Asks whoever is here about each of them. */
export function showSignIns(user, links, changed) {
  shown = JSON.stringify(links);
  byId('other-device').replaceChildren(...links.map((link) => question(link, user, changed)));
}

function question(link, user, changed) {
  const side = user.isAnonymous ? 'guest' : 'account';
  const result = element('p', { className: 'result' });
  const no = element('button', { type: 'button', className: 'quiet', textContent: 'No' });
  onClick(no, result, async () => {
    await post(`/auth/links/${link.id}/decline`, {});
    await changed();
  });
  const [ask, then] = WORDS[side];
  const lines = [
    element('p', { textContent: ask }),
    element('p', {}, element('strong', { textContent: link.code })),
    element('p', { textContent: then }),
  ];
  if (link.agreed[side]) {
    lines.push(element('p', { textContent: 'You said yes. Now say yes in the other browser.' }));
    return element('div', { className: 'receipt' }, ...lines, no, result);
  }
  const yes = element('button', { type: 'button', textContent: 'Yes, that is me' });
  onClick(yes, result, async () => {
    const answer = await post(`/auth/links/${link.id}/confirm`, { code: link.code });
    await changed();
    sayWhatBecameOf(answer, side, changed);
  });
  return element('div', { className: 'receipt' }, ...lines, yes, no, result);
}

function sayWhatBecameOf(link, side, changed) {
  if (link?.status === 'awaiting-consent') return;
  if (side === 'account') showReceipt(link, changed);
  else tell(MOVED);
}
