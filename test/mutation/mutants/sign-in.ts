import type { Mutant } from '../mutant.js';

/** What lets in whoever may come in, and nobody else. */
export const signInMutants: readonly Mutant[] = [
  {
    name: 'guest-epoch',
    keeps: 'A guest that has signed out is dead in every copy of its token.',
    file: 'src/auth/sessions/sessions.service.ts',
    find: `AND u.\${u.epoch} = $2 AND`,
    replacement: `AND $2::int IS NOT NULL AND`,
    suites: ['test/guests/sign-out.e2e-spec.ts', 'test/guards/raised-epoch.e2e-spec.ts'],
  },
  {
    name: 'account-epoch',
    keeps: 'A host that raises the epoch of an account has ended every session of it.',
    file: 'src/auth/sessions/sessions.service.ts',
    find: ` AND u.\${u.epoch} = s.\${s.epoch}`,
    replacement: '',
    suites: ['test/guards/raised-epoch.e2e-spec.ts'],
  },
  {
    name: 'origin',
    keeps: 'Another site does nothing in the name of whoever visits it.',
    file: 'src/auth/requests/forgery.policy.ts',
    find: "if (!allowed) throw new AnonymousException('INVALID_ORIGIN', { cause: origin ?? site });",
    replacement: 'void allowed;',
    suites: ['test/guards/forgery.e2e-spec.ts'],
  },
  {
    name: 'link-consumption',
    keeps: 'A mailed link signs in once, however many ask at the same time.',
    file: 'src/auth/flows/flows.service.ts',
    find: `SET \${c.consumedAt} = now() WHERE \${this.live('f')} RETURNING 1`,
    replacement: `SET \${c.consumedAt} = now()
       WHERE f.\${c.id} = (SELECT f.\${c.id} FROM \${path} f WHERE \${this.live('f')}) RETURNING 1`,
    suites: ['test/magic-link/single-use.e2e-spec.ts'],
  },
  {
    name: 'code-consumption',
    keeps: 'A mailed code signs in once, however many type it at the same time.',
    file: 'src/auth/flows/codes.service.ts',
    find: `WHERE \${this.live('f')} AND \${this.isRight('f')} RETURNING 1`,
    replacement: `WHERE f.\${c.id} = (SELECT f.\${c.id} FROM \${path} f
         WHERE \${this.live('f')} AND \${this.isRight('f')}) RETURNING 1`,
    suites: ['test/email-otp/single-use.e2e-spec.ts'],
  },
  {
    name: 'bound-guest',
    keeps: 'A link that is opened elsewhere takes no guest along but the one that it was bound to.',
    file: 'src/auth/arrivals/bound-guest.ts',
    find: 'return calling?.id === guest?.id ? calling : undefined;',
    replacement: 'return calling ?? guest;',
    suites: ['test/magic-link/other-browser.e2e-spec.ts'],
  },
  {
    name: 'link-with-sign-in',
    keeps: 'A sign-in that fails has linked nobody.',
    file: 'src/linking/linking.service.ts',
    find: 'this.openings.open(manager, guest, accountId, plan)',
    replacement: 'this.openings.open(manager && this.dataSource, guest, accountId, plan)',
    suites: ['test/linking/refused-sign-ins.e2e-spec.ts'],
  },
  {
    name: 'password-lock',
    keeps: 'A password that is changed while somebody signs in with the old one lets nobody in.',
    file: 'src/users/account-holds.service.ts',
    find: ' FOR SHARE OF i`',
    replacement: '`',
    suites: ['test/races/entry.e2e-spec.ts'],
  },
  {
    name: 'sign-in-patience',
    keeps: 'A sign-in waits no longer than two seconds for whoever holds the account.',
    file: 'src/auth/arrivals/entry.service.ts',
    find: 'condition: WAITING_BRIEFLY',
    replacement: "condition: WAITING_BRIEFLY && 'true'",
    suites: ['test/faults/lock-of-a-user.e2e-spec.ts'],
  },
  {
    name: 'fresh-session',
    keeps: 'A session that another instance has ended writes nothing, even where it is remembered.',
    file: 'src/auth/requests/request-authenticator.ts',
    find: 'isSafe(request) ? this.cache.find(claims) : undefined',
    replacement: 'isSafe(request) || true ? this.cache.find(claims) : undefined',
    suites: ['test/guests/session-life.e2e-spec.ts'],
  },
];
