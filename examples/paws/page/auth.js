import { createAuthClient } from 'better-auth/client';
import { anonymousClient, emailOTPClient, magicLinkClient } from 'better-auth/client/plugins';
import { ensureSession, guestClient } from 'nestjs-anonymous/client';
import { offline, worded } from './errors.js';

/** For all that is under /auth. */
export const client = createAuthClient({
  baseURL: `${location.origin}/auth`,
  plugins: [anonymousClient(), magicLinkClient(), emailOTPClient(), guestClient()],
});

/** Who is here, as far as this page knows. */
let present = null;

export const presentUser = () => present;

/**
 * What the client was answered.
 * @throws RequestError
 */
export async function answerOf(asked) {
  const { data, error } = await asked.catch(() => {
    throw offline();
  });
  if (error) throw worded(error.status, error);
  return data;
}

/** Who is here, `null` for nobody. */
export async function loadUser() {
  const session = await answerOf(client.getSession());
  present = session?.user ?? null;
  return present;
}

/** Before something is written: whoever is nobody becomes a guest, and all tabs of this browser the same one. */
export async function beSomebody() {
  if (present !== null) return;
  ({ user: present } = await answerOf(ensureSession(client)));
}
