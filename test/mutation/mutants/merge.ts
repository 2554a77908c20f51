import type { Mutant } from '../mutant.js';

/** What the merge does so that nothing is lost, and nothing said that is not so. */
export const mergeMutants: readonly Mutant[] = [
  {
    name: 'guest-lock',
    keeps: 'A row that a guest writes while it is merged is moved or refused, never lost.',
    file: 'src/linking/merge/party-locks.service.ts',
    find: `\${live('u')} FOR UPDATE)`,
    replacement: `\${live('u')})`,
    suites: ['test/races/cascading-writes.e2e-spec.ts'],
  },
  {
    name: 'account-lock',
    keeps: 'Two guests that are merged into one account at once come one after the other.',
    file: 'src/linking/merge/party-locks.service.ts',
    find: ' FOR NO KEY UPDATE)',
    replacement: ')',
    suites: ['test/races/one-account.e2e-spec.ts'],
  },
  {
    name: 'guest-recheck',
    keeps: 'A guest that has become an account while the merge waited for it stays one.',
    file: 'src/linking/merge/merge-transaction.ts',
    find: '!isGuest || !isAccount ||',
    replacement: '(!isGuest && accountId === null) || !isAccount ||',
    suites: ['test/races/upgrade-and-link.e2e-spec.ts'],
  },
  {
    name: 'account-recheck',
    keeps: 'Nothing is moved to an account that has gone while the merge waited for it.',
    file: 'src/linking/merge/merge-transaction.ts',
    find: '!isGuest || !isAccount ||',
    replacement: '!isGuest || (!isAccount && accountId === null) ||',
    suites: ['test/races/deleted-accounts.e2e-spec.ts'],
  },
  {
    name: 'link-recheck',
    keeps: 'A link that another instance has merged meanwhile is not merged, or withdrawn, again.',
    file: 'src/linking/ledger/ledger.service.ts',
    find: `WHERE l.\${c.id} = $1 AND l.\${c.status} = 'pending' FOR UPDATE`,
    replacement: `WHERE l.\${c.id} = $1 FOR UPDATE`,
    suites: ['test/races/parallel-links.e2e-spec.ts'],
  },
  {
    name: 'current-map',
    keeps: 'An instance does not merge over a table that came after its start.',
    file: 'src/linking/merge/merge-transaction.ts',
    find: 'if (!claim.isCurrent) {',
    replacement: 'if (claim.isCurrent === undefined) {',
    suites: ['test/linking/ownership.e2e-spec.ts'],
  },
  {
    name: 'residue-proof',
    keeps: 'A merge that has left a row with the guest is not committed.',
    file: 'src/linking/ledger/ledger.service.ts',
    find: `WITH residue AS MATERIALIZED (\${sql}),`,
    replacement: `WITH residue AS MATERIALIZED (SELECT * FROM (\${sql}) r WHERE false),`,
    suites: ['test/linking/residue.e2e-spec.ts'],
  },
  {
    name: 'handler-proof',
    keeps: 'A handler that has lost a row of the guest has not merged.',
    file: 'src/linking/merge/merge-report.ts',
    find: '[...owned].filter((id) => !arrived.has(id) && !reported.has(id)).length,',
    replacement: '0 * owned.size * arrived.size * reported.size,',
    suites: ['test/linking/failing-handlers.e2e-spec.ts'],
  },
  {
    name: 'savepoint',
    keeps: 'A handler that has left the transaction of the merge has not merged.',
    file: 'src/linking/merge/merge-connection.ts',
    find: `    await this.runner.query('SAVEPOINT merge_step');
    const result = await work();
    await this.runner.query('RELEASE SAVEPOINT merge_step');
    return result;`,
    replacement: '    return work();',
    suites: ['test/linking/failing-handlers.e2e-spec.ts'],
  },
  {
    name: 'last-statement',
    keeps: 'A merge whose guest could not be removed is not committed.',
    file: 'src/linking/merge/merge-transaction.ts',
    find: "if (!link) throw new MergeRefusedError('the guest row could not be deleted.');\n    return link;",
    replacement: 'return link!;',
    suites: ['test/linking/retries.e2e-spec.ts'],
  },
];
