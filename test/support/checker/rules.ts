import type { CheckedTables } from './names.js';

/** What must hold in every database after every test, whatever raced with what: SQL that finds what is wrong. */
export function rulesOf({
  users,
  sessions,
  identities,
  links,
  hostHasLogin,
}: CheckedTables): Readonly<Record<string, string>> {
  const { columns: u, live } = users;
  const { columns: s } = sessions;
  const { columns: i } = identities;
  const { columns: l } = links;
  const hasIdentity = `EXISTS (SELECT 1 FROM ${identities.path} i WHERE i.${i.userId} = u.${u.id})`;
  const holder = `FROM ${sessions.path} s LEFT JOIN ${users.path} u ON u.${u.id} = s.${s.userId}`;
  return {
    // A tombstone's credentials are dead: a merge that keeps the row raises its epoch.
    'a guest that was merged lives on': `SELECT u.${u.id} FROM ${users.path} u
      JOIN ${links.path} l ON l.${l.guestId} = u.${u.id} WHERE l.${l.status} = 'merged' AND u.${u.epoch} = 0`,
    'a guest was merged twice': `SELECT ${l.guestId} FROM ${links.path} WHERE ${l.status} = 'merged'
      GROUP BY 1 HAVING count(*) > 1`,
    'a guest has two open links': `SELECT ${l.guestId} FROM ${links.path}
      WHERE ${l.status} IN ('pending', 'awaiting-consent', 'merged', 'failed') GROUP BY 1 HAVING count(*) > 1`,
    'a merged link has no receipt, or one that is not merged has': `SELECT ${l.id} FROM ${links.path}
      WHERE (${l.status} = 'merged') <> (${l.receipt} IS NOT NULL)`,
    'an open link has lost its guest': `SELECT l.${l.id} FROM ${links.path} l
      LEFT JOIN ${users.path} u ON u.${u.id} = l.${l.guestId}
      WHERE l.${l.status} IN ('pending', 'awaiting-consent', 'failed') AND u.${u.isAnonymous} IS NOT TRUE`,
    'a link leads to somebody who is no account': `SELECT l.${l.id} FROM ${links.path} l
      JOIN ${users.path} u ON u.${u.id} = l.${l.accountId} WHERE u.${u.isAnonymous}`,
    'a session is older than the epoch of its user': `SELECT s.${s.id} ${holder}
      WHERE s.${s.epoch} <> u.${u.epoch}`,
    'a guest has a session row': `SELECT s.${s.id} ${holder} WHERE u.${u.isAnonymous}`,
    'a session has no user': `SELECT s.${s.id} ${holder} WHERE u.${u.id} IS NULL`,
    'two users have one address': `SELECT lower(u.${u.email}) FROM ${users.path} u
      WHERE u.${u.email} IS NOT NULL AND ${live('u')} GROUP BY 1 HAVING count(*) > 1`,
    'two identities have one subject': `SELECT ${i.issuer}, ${i.subject} FROM ${identities.path}
      GROUP BY ${i.issuer}, ${i.subject}, ${i.provider} HAVING count(*) > 1`,
    'a guest has an identity': `SELECT u.${u.id} FROM ${users.path} u WHERE u.${u.isAnonymous} AND ${hasIdentity}`,
    ...(!hostHasLogin && {
      'an account has no identity': `SELECT u.${u.id} FROM ${users.path} u WHERE NOT u.${u.isAnonymous} AND NOT ${hasIdentity}`,
    }),
  };
}
