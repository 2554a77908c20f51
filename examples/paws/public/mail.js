import { get, post } from './api.js';
import { byId, element, onClick, onSubmit } from './dom.js';
import { arrive } from './people.js';
import { showReceipt } from './receipt.js';

/** Mail takes a moment: it leaves after the answer. */
const LOOKS = [200, 500, 1_000, 2_000];

/**
 * Signing in by a link or a code in a mail, a new password by a link, and in development the inbox that the mail arrives in.
 * @param changed called when somebody else is here.
 */
export function setUpMail(changed) {
  onSubmit(byId('mail-form'), async ({ email }) => {
    await mail('/auth/sign-in/magic-link', { email, callbackURL: '/#account' });
    return 'Look into your mail. The link works once, for ten minutes.';
  });
  onClick(byId('ask-code'), byId('mail-result'), async () => {
    const email = byId('mail-email').value;
    await mail('/auth/email-otp/send-verification-otp', { email, type: 'sign-in' });
    byId('code-form').dataset.email = email;
    byId('code-form').hidden = false;
    byId('code').focus();
    return 'Look into your mail. The code works once, for five minutes.';
  });
  onSubmit(byId('code-form'), async ({ otp }) => {
    const { email } = byId('code-form').dataset;
    const { link } = await post('/auth/sign-in/email-otp', { email, otp: otp.trim() });
    byId('code-form').hidden = true;
    await arrive(changed);
    showReceipt(link, changed);
  });
  onClick(byId('forgot'), byId('sign-in-result'), async () => {
    await mail('/auth/request-password-reset', { email: byId('sign-in-email').value });
    return 'If you have an account, a link to a new password is in your mail.';
  });
}

async function mail(path, body) {
  await post(path, body);
  void lookIntoInbox();
}

async function lookIntoInbox() {
  for (const ms of LOOKS) {
    await new Promise((resolve) => setTimeout(resolve, ms));
    const mails = await get('/dev/inbox').catch(() => undefined);
    if (!mails) return;
    byId('inbox-list').replaceChildren(...mails.slice(0, 5).map(row));
    byId('inbox-panel').hidden = false;
  }
}

function row({ to, subject, text }) {
  const url = /^https?:\S+$/m.exec(text)?.[0];
  const code = /^\d{6}$/m.exec(text)?.[0];
  const words = element('span', { textContent: `${to}: ${subject}` });
  const link = url ? element('a', { href: url, textContent: 'Open the link' }) : null;
  const digits = code ? element('strong', { textContent: code }) : null;
  return element('li', {}, words, link, digits);
}
