import type { GuestCredential } from '../account-linker.js';
import type { FlowOrigin, Proof } from '../proof.js';
import type { SessionClaims } from '../tokens/session-claims.js';

/** The guest that a request's credential names, if it names one. */
export function guestOf(caller: SessionClaims | undefined): GuestCredential | undefined {
  return caller?.isGuest ? { id: caller.userId, epoch: caller.epoch } : undefined;
}

/** Which guests a sign-in is about. */
export interface GuestsOfSignIn {
  /** The one that the person who signs in has shown to be theirs: it goes along. */
  readonly bound: GuestCredential | undefined;
  /** Those that may be somebody else's: nothing happens to them unless both sides say so. */
  readonly others: readonly GuestCredential[];
}

/**
 * A guest is bound that was presented with the secret itself, as with a password or a code that somebody types, or by the
 * browser that began the flow. A link may be opened anywhere: whoever makes others open it must get nothing of theirs, and a mistyped address nothing of
 * the person who mistyped it.
 */
export function guestsOf(proof: Proof, caller: SessionClaims | undefined): GuestsOfSignIn {
  const calling = guestOf(caller);
  if (!('start' in proof)) return { bound: calling, others: [] };
  const bound = boundOf(proof.start, calling);
  const others = [proof.start.guest, calling].filter((guest) => guest !== undefined);
  return { bound, others: others.filter(({ id }) => id !== bound?.id) };
}

function boundOf(
  { guest, isSameBrowser, isTyped = false }: FlowOrigin,
  calling: GuestCredential | undefined,
): GuestCredential | undefined {
  if (isSameBrowser) return calling ?? guest;
  if (isTyped) return calling;
  return calling?.id === guest?.id ? calling : undefined;
}
