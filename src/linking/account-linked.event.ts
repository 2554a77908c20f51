import type { LinkReceipt } from '../auth/account-linker.js';
import type { LinkEvent } from '../common/events.js';

/** A guest's rows are the account's. Goes out after the commit, at least once. */
export interface AccountLinkedEvent extends LinkEvent {
  readonly receipt: LinkReceipt;
}
