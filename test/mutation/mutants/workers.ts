import type { Mutant } from '../mutant.js';

/** What reaper and reconciler do so that any number of instances share the work. */
export const workerMutants: readonly Mutant[] = [
  {
    name: 'reaper-skip-locked',
    keeps: 'The reaper passes over a guest that somebody is writing for, and waits for nobody.',
    file: 'src/users/stale-guests.service.ts',
    find: 'FOR UPDATE SKIP LOCKED) held ON true',
    replacement: 'FOR UPDATE) held ON true',
    suites: ['test/reaper/held-guests.e2e-spec.ts'],
  },
  {
    name: 'reaper-open-link',
    keeps: 'The reaper keeps a guest whose merge is still to come.',
    file: 'src/anonymous/reaper/reap-rules.ts',
    find: '        ...this.links(),\n',
    replacement: '        ...this.links().slice(1),\n',
    suites: ['test/reaper/races.e2e-spec.ts'],
  },
  {
    name: 'due-skip-locked',
    keeps: 'An instance takes up the links that no other has, and waits for nobody.',
    file: 'src/linking/ledger/due-links.service.ts',
    find: 'FOR UPDATE SKIP LOCKED',
    replacement: 'FOR UPDATE',
    suites: ['test/linking/retries.e2e-spec.ts'],
  },
  {
    name: 'announcement-retry',
    keeps: 'A host is told of a merge until its listener has succeeded.',
    file: 'src/linking/announcer.service.ts',
    find: '(heard ? this.announcements.done(linkId) : this.announcements.postpone(linkId))',
    replacement:
      '(heard === undefined ? this.announcements.postpone(linkId) : this.announcements.done(linkId))',
    suites: ['test/linking/events.e2e-spec.ts'],
  },
];
