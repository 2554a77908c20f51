import { byId, element } from './dom.js';
import { wordsOf } from './receipt-words.js';

/** For a guest who is an account now. */
export const KEPT =
  'Your account is made. All you had as a guest is still here, and yours for good.';

const FAILED = 'What you added as a guest could not be moved. It is kept, and nothing is lost.';

/**
 * What became of the guest who signed in. `link` is that of the answer, `null` if nobody had a guest session. Of one that
 * waits for a word, or stays behind, there is a line elsewhere.
 */
export function showReceipt(link, changed) {
  if (link?.status === 'merged') showMoved(link.receipt.tables);
  else if (link?.status === 'pending') showPending(changed);
  else tell(link?.status === 'failed' ? FAILED : '');
}

/** A sentence in the place of the receipt; an empty one takes it away. */
export function tell(text) {
  show(text === '' ? [] : [element('p', { textContent: text })]);
}

function showMoved(tables) {
  const { arrived, known } = wordsOf(tables);
  if (arrived.length + known.length === 0) {
    return tell('You are signed in. There was nothing to move.');
  }
  show([...listed('Now in your account', arrived), ...listed('You had these already', known)]);
}

function listed(title, lines) {
  if (lines.length === 0) return [];
  const items = lines.map((line) => element('li', { textContent: line }));
  return [element('p', {}, element('strong', { textContent: title })), element('ul', {}, ...items)];
}

/** The server goes on by itself; until it is done, the lists on the page are the answer. */
function showPending(changed) {
  const text =
    'You are signed in. What you added as a guest is on its way: nothing is lost, and it shows up in your lists as soon as it has moved.';
  const button = element('button', {
    type: 'button',
    className: 'quiet',
    textContent: 'Look again',
  });
  button.addEventListener('click', () => void changed());
  show([element('p', { textContent: text }), button]);
}

function show(content) {
  const receipt = byId('receipt');
  receipt.hidden = content.length === 0;
  receipt.replaceChildren(...content);
}
