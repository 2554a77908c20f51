import { get } from './api.js';
import { byId, count, element, list } from './dom.js';

/** What became of the guest, in words. `link` is that of the sign-in's answer. */
export function showReceipt(link, changed) {
  const receipt = byId('receipt');
  receipt.hidden = !link;
  if (!link) return;
  receipt.replaceChildren(element('p', { textContent: wordsFor(link) }));
  if (link.status === 'pending') receipt.append(refreshButton(link, changed));
}

export function sayWelcome(text) {
  const receipt = byId('receipt');
  receipt.hidden = text === '';
  receipt.replaceChildren(element('p', { textContent: text }));
}

function wordsFor({ status, receipt }) {
  if (status === 'merged') return mergedWords(receipt?.tables ?? {});
  const words = {
    pending: 'You are signed in. What you added as a guest is being moved to your account.',
    failed: 'What you added as a guest could not be moved. It is still there, nothing is lost.',
    'awaiting-consent': 'What you added as a guest moves to your account when you agree.',
  };
  return words[status] ?? 'What you added as a guest stays with that guest.';
}

function mergedWords({ pet, photo, basket }) {
  const moved = [count(pet?.moved ?? 0, 'dog'), count(photo?.moved ?? 0, 'photo')];
  if (basket?.moved) moved.push('your basket');
  const added = basket?.folded ? ' What was in your basket is added to the one you had.' : '';
  return `Moved ${list(moved)} to your account.${added}`;
}

function refreshButton(link, changed) {
  const button = element('button', {
    type: 'button',
    className: 'quiet',
    textContent: 'Look again',
  });
  const look = async () => {
    button.disabled = true;
    await changed();
    // Until there is an answer about the link itself, the lists on the page are the answer.
    const latest = await get(`/auth/links/${link.id}`).catch(() => link);
    showReceipt(latest, changed);
    byId('receipt').querySelector('button')?.focus();
  };
  button.addEventListener('click', () => void look());
  return button;
}
