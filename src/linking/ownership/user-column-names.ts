const PEOPLE =
  'user owner account member person guest visitor customer client buyer seller payer payee player sender recipient ' +
  'receiver author creator editor actor reviewer assignee uploader inviter invitee participant subscriber follower ' +
  'followee friend voter reporter';

const PERSON = new RegExp(`(^|_)(${PEOPLE.replaceAll(' ', '|')})(_?(id|uuid|ref))?$`);
const DONE_BY = /(^|_)[a-z]+(ed|en|wn|nt|de|id)_by(_?(id|uuid|ref|user|user_id))?$/;

/** Whether a column is named as if it held the id of a user: `user_id`, `ownerId`, `created_by`. */
export function isNamedLikeUser(column: string, usersTable: string): boolean {
  const name = column
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_');
  const singular = usersTable.toLowerCase().replace(/s$/, '');
  return PERSON.test(name) || DONE_BY.test(name) || name === `${singular}_id`;
}
