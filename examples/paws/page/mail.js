import { answerOf, client, presentUser } from './auth.js';
import { byId, onClick, onSubmit } from './dom.js';
import { lookIntoInbox } from './inbox.js';
import { arrive } from './people.js';
import { KEPT, showReceipt, tell } from './receipt.js';

/**
 * Signing in by a link or a code in a mail, a new password by a link.
 * @param changed called when somebody else is here.
 */
export function setUpMail(changed) {
  onSubmit(byId('mail-form'), async ({ email }) => {
    await mailed(
      client.signIn.magicLink({
        email,
        callbackURL: '/?arrived=known#account',
        newUserCallbackURL: '/?arrived=new#account',
        errorCallbackURL: '/#account',
      }),
    );
    return 'Look into your mail. The link works once, for ten minutes.';
  });
  onClick(byId('ask-code'), byId('mail-result'), async () => {
    const email = byId('mail-email').value;
    await mailed(client.emailOtp.sendVerificationOtp({ email, type: 'sign-in' }));
    byId('code-form').dataset.email = email;
    byId('code-form').hidden = false;
    byId('code').focus();
    return 'Look into your mail. The code works once, for five minutes.';
  });
  onSubmit(byId('code-form'), async ({ otp }) => {
    const { email } = byId('code-form').dataset;
    const guest = presentUser();
    const { user, link } = await answerOf(client.signIn.emailOtp({ email, otp: otp.trim() }));
    byId('code-form').hidden = true;
    await arrive(changed);
    if (user.id === guest?.id) tell(KEPT);
    else showReceipt(link, changed);
  });
  onClick(byId('forgot'), byId('sign-in-result'), async () => {
    await mailed(client.requestPasswordReset({ email: byId('sign-in-email').value }));
    return 'If you have an account, a link to a new password is in your mail.';
  });
}

async function mailed(asked) {
  await answerOf(asked);
  void lookIntoInbox();
}
