import type { INestApplicationContext } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { AUTH_SETTINGS, type AuthSettings } from '../../auth/auth.settings.js';
import { PasswordService } from '../../auth/password/password.service.js';
import { isEmailAddress } from '../../users/email-address.js';
import { TestKitError } from '../kit-error.js';
import { providerOf } from '../provider-of.js';
import { CLIENT, personOf, type TestPerson } from './test-person.js';

/** An account that the kit has made. */
export interface TestAccount extends TestPerson {
  readonly email: string;
  readonly password: string;
}

/** What {@link createAccount} needs to know. */
export interface TestAccountOptions {
  /** Default: a new address of `example.com`. */
  readonly email?: string;
  /** Default: a new password that is long enough for the app. */
  readonly password?: string;
  readonly name?: string;
}

/**
 * Makes an account with an address and a password, as `POST /auth/sign-up/email` does, and signs it in.
 * @throws TestKitError for an address that is none; AnonymousException `EMAIL_TAKEN`, `VALIDATION_FAILED` for a password
 * that the app refuses.
 */
export async function createAccount(
  app: INestApplicationContext,
  { email = `${randomUUID()}@example.com`, password, name }: TestAccountOptions = {},
): Promise<TestAccount> {
  if (!isEmailAddress(email)) {
    throw new TestKitError(`createAccount: ${JSON.stringify(email)} is no e-mail address.`);
  }
  const { passwordMinLength } = providerOf<AuthSettings>(app, AUTH_SETTINGS);
  const chosen = password ?? randomUUID().repeat(Math.ceil(passwordMinLength / 36));
  const dto = { email, password: chosen, name };
  const { user, token } = await providerOf(app, PasswordService).signUp(dto, {
    caller: undefined,
    client: CLIENT,
  });
  return { ...personOf(app, user.id, token), email, password: chosen };
}
