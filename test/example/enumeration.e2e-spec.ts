import { readConfig } from '../../examples/paws/config/config.js';
import { newEmail, signUp } from '../support/sign-ups.js';
import { closePaws, startPaws } from './paws-app.js';

describe('ENUMERATION', () => {
  afterEach(closePaws);

  it('keeps to itself whose address it is with conceal', async () => {
    const variables = { EMAIL_VERIFICATION: 'required', ENUMERATION: 'conceal' };
    const { emailVerification, enumeration } = readConfig(variables).app;
    const host = await startPaws({ emailVerification, enumeration, hasDevInbox: true });
    const email = newEmail();
    const inbox = async () => (await host.browser().get('/dev/inbox')).body as { text: string }[];
    const first = await signUp(host.browser(), email);
    const [mail] = await inbox();
    const [, token] = /token=([\w-]{43})/.exec(mail!.text)!;
    expect((await host.browser().post('/auth/verify-email', { token })).status).toBe(200);
    const second = await signUp(host.browser(), email);
    expect([second.status, second.text]).toEqual([first.status, first.text]);
    expect((await inbox())[0]).toMatchObject({ subject: expect.stringContaining('You have an') });
  });
});
