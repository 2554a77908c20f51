import type { INestApplicationContext } from '@nestjs/common';
import { GuestsService } from '../../anonymous/guests/guests.service.js';
import { providerOf } from '../provider-of.js';
import { personOf, type TestPerson } from './test-person.js';

/** What {@link createGuest} needs to know. */
export interface TestGuestOptions {
  /** Headers of the request that asks for the guest, for a gate that looks at them. Default: none. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Issues a guest, as `POST /auth/anonymous` does: gate, name and events included.
 * @throws HttpException 403 from the app's own gate.
 */
export async function createGuest(
  app: INestApplicationContext,
  { headers = {} }: TestGuestOptions = {},
): Promise<TestPerson> {
  const guest = await providerOf(app, GuestsService).issue(
    { method: 'POST', headers },
    { isLimited: false },
  );
  return personOf(app, guest.user.id, guest.token);
}
