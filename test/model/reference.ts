import { Cast, type Credential, GUEST_DAYS, type ModelLink, STALE_DAYS } from './cast.js';
import { empty, merge, type ModelUser, ownsAnything, rowsOf } from './owners.js';
import type {
  Fate,
  LinkOutcome,
  Outcome,
  Pair,
  Policy,
  Product,
  State,
  Writing,
} from './product.js';

const EXCLUSIVE = ['pending', 'merged', 'awaiting-consent'];
const CONFIRMABLE = ['awaiting-consent', 'kept', 'declined'];
const refused = (status: number, code: string): Outcome => ({ status, code });
const UNAUTHORIZED = refused(401, 'UNAUTHORIZED');

/** What the library promises, written plainly. */
export class Reference extends Cast implements Product {
  /** How many steps the story has had. */
  steps = 0;

  issue(by: number): Outcome {
    const caller = this.live(by);
    if (caller?.session) return refused(409, 'ALREADY_SIGNED_IN');
    if (caller) {
      this.hand(by, { ...caller, issued: this.day });
      return { status: 200, user: caller.user.name, isAnonymous: true };
    }
    return { status: 201, user: this.newGuest(by).name, isAnonymous: true };
  }

  write(by: number, row: Writing): Outcome {
    const caller = this.guard(by);
    if (!caller) {
      const dead = this.browsers[by];
      const isUnexpired = dead && !dead.session && this.day < dead.issued + GUEST_DAYS;
      if (isUnexpired && this.isTakenOver(dead.user)) return refused(409, 'GUEST_MERGED');
    }
    const user = caller?.user ?? this.newGuest(by);
    if (row.table === 'note') user.notes.push(row.text);
    else if (row.table === 'tag') user.tags.set(row.name, row.text);
    else user.credits = (user.credits ?? 0) + 1;
    return { status: 201, user: user.name };
  }

  read(by: number): Outcome {
    const user = this.guard(by)?.user;
    return { status: 200, user: user?.name ?? null, rows: rowsOf(user) };
  }

  look(by: number): Outcome {
    const caller = this.guard(by);
    const credential = this.browsers[by];
    const mayClaim = credential && !this.isUnexpired(credential) && this.claim(by);
    if (!caller && !mayClaim) this.browsers[by] = undefined;
    if (!caller) return { status: 200, user: null };
    return { status: 200, user: caller.user.name, isAnonymous: !caller.session };
  }

  upgrade(by: number, email: string): Outcome {
    const caller = this.guard(by);
    const claim = this.claim(by);
    if (caller?.session) return refused(400, 'NOT_ANONYMOUS');
    if (!caller && (!claim || this.isUnexpired(claim))) return UNAUTHORIZED;
    return this.become(by, email, true);
  }

  signUp(by: number, email: string): Outcome {
    return this.become(by, email, false);
  }

  signIn(by: number, email: string, policy: Policy, fate: Fate): Outcome {
    const account = this.owner(email);
    if (!account) return refused(401, 'INVALID_EMAIL_OR_PASSWORD');
    const claim = this.claim(by);
    const guest = claim && !claim.session ? claim : undefined;
    const isFree = guest && this.isLiveGuest(guest) && !this.isTakenOver(guest.user);
    if (isFree && policy === 'refuse') return refused(409, 'LINK_REFUSED');
    const link = guest && this.open(guest, account, isFree ? policy : 'merge');
    const before = this.browsers[by];
    this.enter(by, account);
    if (link?.status === 'pending' && !this.tryMerge(link, fate)) {
      // Nobody gets the answer, so the browser goes on with what it had.
      this.handedOut.pop();
      this.browsers[by] = before;
      return { status: 0 };
    }
    return { status: 200, user: account.name, isAnonymous: false, link: link ? view(link) : null };
  }

  signOut(by: number): Outcome {
    const claim = this.claim(by);
    if (claim?.session) claim.session.isOver = true;
    else if (claim && this.isLiveGuest(claim)) claim.user.epoch += 1;
    this.browsers[by] = undefined;
    return { status: 200 };
  }

  confirm(by: number, pair: Pair, fate: Fate): Outcome {
    const caller = this.guard(by)?.user.name;
    if (caller === undefined) return UNAUTHORIZED;
    const link = this.find(pair);
    if (!link || (link.account !== caller && link.guest !== caller)) {
      return refused(404, 'LINK_NOT_FOUND');
    }
    if (CONFIRMABLE.includes(link.status)) {
      if (link.account !== caller) return refused(403, 'UPGRADE_REQUIRED');
      const isElsewhere = this.links.some(
        (other) => other !== link && other.guest === link.guest && EXCLUSIVE.includes(other.status),
      );
      if (this.users[link.guest]!.kind !== 'guest' || isElsewhere)
        return refused(409, 'GUEST_MERGED');
      link.status = 'pending';
    }
    if (link.status === 'pending' && !this.tryMerge(link, fate)) return { status: 0 };
    return { status: 200, link: view(link) };
  }

  decline(by: number, pair: Pair): Outcome {
    const caller = this.guard(by)?.user.name;
    if (caller === undefined) return UNAUTHORIZED;
    const link = this.find(pair);
    if (!link || (link.account !== caller && link.guest !== caller)) {
      return refused(404, 'LINK_NOT_FOUND');
    }
    if (!CONFIRMABLE.includes(link.status)) return refused(409, 'GUEST_MERGED');
    link.status = 'declined';
    return { status: 200, link: view(link) };
  }

  copy(from: number, to: number): void {
    this.browsers[to] = this.browsers[from];
  }

  wait(days: number): void {
    this.day += days;
  }

  reconcile(fate: Fate): void {
    for (const link of this.links.filter(({ status }) => status === 'pending')) {
      // A process that has died takes up nothing more.
      if (!this.tryMerge(link, fate)) return;
    }
  }

  reap(contributors: 'keep' | 'delete'): Outcome {
    const kept = { 'open-link': 0, 'owns-rows': 0 };
    let reaped = 0;
    for (const user of this.users) {
      if (user.kind !== 'guest' || this.day < user.lastSeen + STALE_DAYS) continue;
      const links = this.links.filter(({ guest }) => guest === user.name);
      const isOpen = links.some(({ status }) => ['pending', 'awaiting-consent'].includes(status));
      if (isOpen) kept['open-link'] += 1;
      else if (contributors === 'keep' && ownsAnything(user)) kept['owns-rows'] += 1;
      else {
        this.forget(user);
        empty(user);
        reaped += 1;
      }
    }
    return { status: 200, reaped, kept };
  }

  state(): State {
    const users = this.users.filter(({ kind }) => kind !== 'gone');
    return {
      users: Object.fromEntries(
        users.map((user) => [
          user.name,
          { isAnonymous: user.kind === 'guest', email: user.email, ...rowsOf(user) },
        ]),
      ),
      links: Object.fromEntries(
        this.links.map(({ guest, account, status }) => [`${guest}>${account}`, status]),
      ),
      credentials: this.handedOut.map((one) => (this.isLive(one) ? one.user.name : null)),
    };
  }

  /** A sign-up: of a guest in place, else of somebody new. */
  private become(by: number, email: string, upgradeOnly: boolean): Outcome {
    const claim = this.claim(by);
    const guest = claim && !claim.session ? claim : undefined;
    if (guest && this.isLiveGuest(guest) && !this.isTakenOver(guest.user)) {
      if (this.owner(email)) return refused(409, 'EMAIL_TAKEN');
      this.forget(guest.user);
      Object.assign(guest.user, { kind: 'account', epoch: guest.user.epoch + 1, email });
      return this.welcome(by, guest.user);
    }
    if (guest?.user.kind === 'account') return refused(400, 'NOT_ANONYMOUS');
    if (upgradeOnly) return refused(409, 'GUEST_MERGED');
    if (this.owner(email)) return refused(409, 'EMAIL_TAKEN');
    return this.welcome(by, this.newUser('account', email));
  }

  private welcome(by: number, account: ModelUser): Outcome {
    this.enter(by, account);
    return { status: 200, user: account.name, isAnonymous: false };
  }

  /** The same pair always has the same link, and a guest has one open link at the most. */
  private open(guest: Credential, account: ModelUser, policy: Policy): ModelLink | undefined {
    const pair = { guest: guest.user.name, account: account.name };
    const known = this.find(pair);
    const isOpen = this.links.some((l) => l.guest === pair.guest && EXCLUSIVE.includes(l.status));
    if (known || isOpen || !this.isLiveGuest(guest)) return known;
    const status = { merge: 'pending', ask: 'awaiting-consent', keep: 'kept', refuse: '' }[policy];
    const link = { ...pair, policy, status, receipt: null };
    this.links.push(link);
    return link;
  }

  /** Answers whether the process has lived through it. */
  private tryMerge(link: ModelLink, fate: Fate): boolean {
    if (fate === 'works' || fate === 'answer-lost') {
      link.receipt = merge(this.users[link.guest]!, this.users[link.account]!);
      link.status = 'merged';
    }
    return fate !== 'crash';
  }

  /** Nobody can confirm a link of a guest that is none any more. */
  private forget({ name }: ModelUser): void {
    for (const link of this.links.filter(({ guest }) => guest === name)) {
      if (CONFIRMABLE.includes(link.status)) this.links.splice(this.links.indexOf(link), 1);
    }
  }
}

function view({ guest, account, status, policy, receipt }: ModelLink): LinkOutcome {
  return { guest, account, status, policy, receipt };
}
