import { answerOf, client } from './auth.js';
import { byId, element, onClick, say } from './dom.js';
import { offline, worded } from './errors.js';
import { meetingsIn, thingsIn } from './preview-words.js';
import { showReceipt, tell } from './receipt.js';

/** Whoever said "not now" is asked again when the page is opened again, and not before. */
const later = new Set();

/** What the dialog asks about. */
let question;

const dialog = byId('consent');
const result = byId('consent-result');

/** Asks an account whether what its guest had comes along. @param changed called after it did. */
export function setUpConsent(changed) {
  onClick(byId('bring'), result, () => bring(changed));
  onClick(byId('leave'), result, async () => {
    await answerOf(client.links.decline(question.id));
    await done(changed);
    tell('All of it stays where it is. As long as it is there, you can still bring it along.');
  });
  byId('not-now').addEventListener('click', () => dialog.close());
  // By a button, by Escape, or because there is nothing to ask any more.
  dialog.addEventListener('close', () => {
    later.add(question.id);
    byId('account').focus();
  });
}

/** Asks what is to be decided now, and keeps a line for what can be decided later. */
export function showQuestions(questions) {
  byId('left-behind').replaceChildren(...questions.map(lineOf));
  if (dialog.open) {
    if (!questions.some(({ id }) => id === question.id)) dialog.close();
    return;
  }
  const next = questions.find(({ id, status }) => status === 'awaiting-consent' && !later.has(id));
  if (next) ask(next);
}

function lineOf(link) {
  const text = `From when you were a guest here: ${thingsIn(link.preview.tables)}.`;
  const button = element('button', {
    type: 'button',
    className: 'quiet',
    textContent:
      link.status === 'awaiting-consent' ? 'Bring them along' : 'Bring them along after all',
  });
  button.setAttribute('aria-haspopup', 'dialog');
  button.addEventListener('click', () => ask(link));
  return element('div', { className: 'left-behind' }, element('p', { textContent: text }), button);
}

function ask(link) {
  question = link;
  say(result, '');
  describe(link.preview);
  byId('leave').hidden = link.status === 'declined';
  dialog.showModal();
}

function describe({ tables }) {
  byId('consent-title').textContent = `Bring ${thingsIn(tables)}?`;
  const lines = meetingsIn(tables).map((textContent) => element('li', { textContent }));
  byId('consent-meetings').replaceChildren(...lines);
}

async function bring(changed) {
  const { id, preview } = question;
  const confirmed = client.links.confirm(id, { preview: preview.hash });
  const { data, error } = await confirmed.catch(() => {
    throw offline();
  });
  if (error?.code === 'LINK_PREVIEW_STALE') {
    question = { ...question, preview: error.preview };
    describe(error.preview);
  }
  if (error) throw worded(error.status, error);
  await done(changed);
  if (data) showReceipt(data, changed);
  else tell('There was nothing left to bring.');
}

async function done(changed) {
  dialog.close();
  await changed();
  byId('account').focus();
}
