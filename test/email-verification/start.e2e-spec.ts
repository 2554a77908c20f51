import { refusalOf } from '../support/refused-start.js';
import { Mailbox } from '../support/mailbox.js';
import { UpgradeService } from '../../src/index.js';
import { newGuest } from '../support/people.js';
import { createTestApp } from '../support/test-app.js';

describe('the start', () => {
  it('is refused where addresses must be proven and nobody delivers mail', async () => {
    const { message } = await refusalOf({ options: { emailVerification: 'required' } });
    expect(message).toContain('"emailVerification" is \'required\', and nobody delivers mail');
    expect(message).toContain('mail: { from:');
    expect(message).toContain('`mailer`');
  });

  it.each([
    [{ emailVerification: 'always' as never }, '"emailVerification" is "always"'],
    [{ emailVerificationLink: { expiresIn: '25h' } }, '"emailVerificationLink.expiresIn"'],
    [{ emailVerificationLink: { expiresIn: '1ms' } }, '"emailVerificationLink.expiresIn"'],
    [{ emailVerificationLink: { expiresIn: 60 as never } }, '"emailVerificationLink.expiresIn"'],
  ] as const)('is refused with %j', async (options, message) => {
    expect((await refusalOf({ options, extras: { mailer: Mailbox } })).message).toContain(message);
  });
});

describe('UpgradeService', () => {
  it('makes no account of an address that must be proven', async () => {
    const host = await createTestApp({
      extras: { mailer: Mailbox },
      options: { emailVerification: 'required' },
    });
    const { userId, client } = await newGuest(host);
    const caller = {
      userId,
      handle: 'any',
      epoch: 0,
      isGuest: true,
      issuedAt: new Date(),
      expiresAt: new Date(Date.now() + 60_000),
      endsWithBrowser: false,
    };
    const context = { caller, client: { ipAddress: null, userAgent: null } };
    const body = { email: 'ada@example.com', password: 'correct horse battery' };
    await expect(host.app.get(UpgradeService).upgrade(body, context)).rejects.toThrow(
      'POST /auth/anonymous/upgrade',
    );
    expect((await client.get('/access/guest')).status).toBe(200);
    await host.close();
  });
});
