import { ask } from './ask.js';
import { byId, element, say } from './dom.js';
import { count, lengthInWords } from './words.js';

const STATES = { pending: 'Pending', failed: 'Failed' };

/** Every link that is open, and what can be done about it. */
export async function showLinks() {
  const { links } = await ask('GET', '/ops/data/links');
  const failed = links.filter(({ status }) => status === 'failed').length;
  byId('links-note').textContent =
    links.length === 0
      ? 'None: nothing waits, and nothing has failed.'
      : `${count(links.length - failed, 'merge waits', 'merges wait')} for the next try, ${count(failed, 'was', 'were')} given up. The guests and all they own are whole.`;
  byId('link-list').replaceChildren(...links.map(itemOf));
}

function itemOf({ id, guestId, accountId, status, attempts, error, nextAttemptAt, ageMs }) {
  const about = element(
    'div',
    {},
    element(
      'p',
      { className: 'link-head' },
      stateOf(status),
      element('span', {
        textContent: `${lengthInWords(ageMs)} ago, ${count(attempts, 'try', 'tries')}`,
      }),
      element('span', { className: 'soft', textContent: nextTry(nextAttemptAt) }),
    ),
    element('p', {
      className: 'reason',
      textContent: error ?? 'It has not been tried yet.',
      dir: 'auto',
    }),
    element('p', {
      className: 'ids',
      textContent: `guest ${guestId} · account ${accountId ?? 'deleted'}`,
    }),
  );
  return element('li', {}, about, status === 'failed' ? retryButton(id, guestId) : null);
}

function stateOf(status) {
  const state = element('span', { className: 'state', textContent: STATES[status] ?? status });
  state.dataset.state = status;
  return state;
}

function nextTry(at) {
  if (at === null) return 'not tried any more';
  const waitMs = new Date(at).getTime() - Date.now();
  return waitMs <= 0 ? 'next try now' : `next try in ${lengthInWords(waitMs)}`;
}

function retryButton(id, guestId) {
  const button = element(
    'button',
    { type: 'button', className: 'quiet' },
    'Retry',
    element('span', { className: 'hidden', textContent: ` the merge of guest ${guestId}` }),
  );
  button.addEventListener('click', () => void retry(id));
  return button;
}

/** The button goes with the list, so the cursor goes to its heading. */
async function retry(id) {
  const result = byId('links-result');
  try {
    await ask('POST', `/ops/links/${id}/retry`);
    say(result, 'It is due again; an instance takes it up in a moment.');
  } catch (error) {
    say(result, error.message, 'error');
  }
  await showLinks().catch((error) => say(result, error.message, 'error'));
  byId('links').focus();
}
