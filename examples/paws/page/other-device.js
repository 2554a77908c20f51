import { answerOf, client, loadUser } from './auth.js';
import { byId, element, onClick } from './dom.js';
import { loadLinks, NO_LINKS } from './links.js';
import { thingsIn } from './preview-words.js';
import { showReceipt, tell } from './receipt.js';

const LOOKS_EVERY_MS = 4_000;

const ASKS = {
  guest:
    'Somebody has opened the mail that was asked for here, in another browser. Does it show this code?',
  account: 'Another browser asked for the mail that you have opened. Does it show this code?',
};

const MOVED = 'All you had here is in your account. Sign in to see it.';

const isHere = (kind) => byId('who').dataset.kind === kind;

let shown = '[]';

/** Looks again every now and then, for the other browser may have answered. */
export function setUpOtherDevice(changed) {
  const look = async () => {
    // Only a guest can be asked out of the blue: an account is asked when it arrives.
    const wasGuest = isHere('guest');
    if ((!wasGuest && shown === '[]') || document.visibilityState !== 'visible') return;
    // Who has been taken along is nobody now, and may not ask for links.
    const user = await loadUser();
    const { signIns } = user ? await loadLinks(user) : NO_LINKS;
    if (user && JSON.stringify(signIns) === shown) return;
    await changed();
    if (wasGuest && isHere('nobody')) tell(MOVED);
  };
  // A look that gets no answer is made up for by the next one.
  setInterval(() => void look().catch(() => undefined), LOOKS_EVERY_MS);
}

/** Asks whoever is here about each sign-in that began in one browser and ended in another. */
export function showSignIns(user, links, changed) {
  shown = JSON.stringify(links);
  byId('other-device').replaceChildren(...links.map((link) => question(link, user, changed)));
}

function question(link, user, changed) {
  const side = user.isAnonymous ? 'guest' : 'account';
  const result = element('p', { className: 'result' });
  const no = element('button', { type: 'button', className: 'quiet', textContent: 'No' });
  onClick(no, result, async () => {
    await answerOf(client.links.decline(link.id));
    await changed();
    byId('account').focus();
  });
  const lines = [
    element('p', { textContent: ASKS[side] }),
    element('p', {}, element('strong', { className: 'code', textContent: link.code })),
    element('p', { textContent: wordsAhead(side, link) }),
  ];
  if (link.agreed[side]) {
    lines.push(element('p', { textContent: 'You said yes. Now say yes in the other browser.' }));
    return panel(lines, [no], result);
  }
  const yes = element('button', { type: 'button', textContent: 'Yes, that is me' });
  onClick(yes, result, async () => {
    const answer = await confirmed(link, changed);
    await changed();
    byId('account').focus();
    sayWhatBecameOf(answer, side, changed);
  });
  return panel(lines, [yes, no], result);
}

function panel(lines, buttons, result) {
  const choices = element('div', { className: 'choices' }, ...buttons);
  return element('div', { className: 'receipt' }, ...lines, choices, result);
}

function wordsAhead(side, { preview }) {
  if (side === 'guest') return 'Then all you have here can move to that account.';
  return preview
    ? `Then this comes along: ${thingsIn(preview.tables)}.`
    : 'Then its dogs can come along.';
}

/** With what was shown, so that nothing else comes along. */
async function confirmed({ id, code, preview }, changed) {
  const confirmation = preview ? { code, preview: preview.hash } : { code };
  try {
    return await answerOf(client.links.confirm(id, confirmation));
  } catch (error) {
    if (error.code === 'LINK_PREVIEW_STALE') await changed().then(() => tell(error.message));
    throw error;
  }
}

function sayWhatBecameOf(link, side, changed) {
  if (link?.status === 'awaiting-consent') return;
  if (side === 'account') showReceipt(link, changed);
  else tell(MOVED);
}
