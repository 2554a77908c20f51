import { answerOf, client } from './auth.js';
import { byId, onClick, onSubmit } from './dom.js';
import { lookIntoInbox } from './inbox.js';

const callbackURL = '/#account';

let address = '';

/** Proving the address of the account, and changing it. Both by a link in a mail. */
export function setUpAddress() {
  onClick(byId('verify-address'), byId('address-result'), async () => {
    await answerOf(client.sendVerificationEmail({ email: address, callbackURL }));
    void lookIntoInbox();
    return 'Look into your mail.';
  });
  onSubmit(byId('address-form'), async ({ newEmail }) => {
    await answerOf(client.changeEmail({ newEmail, callbackURL }));
    void lookIntoInbox();
    return 'Look into the mail of that address. Until you open the link, nothing changes.';
  });
}

/** @param account who is signed in, `null` without one. */
export function showAddress(account) {
  address = account?.email ?? '';
  byId('new-email-label').textContent = address ? 'Another address' : 'An address';
  byId('new-email-button').textContent = address ? 'Change it' : 'Add it';
  byId('unproven').hidden = account === null || account.email === null || account.emailVerified;
}
