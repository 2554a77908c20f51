import { isNamedLikeUser } from '../../src/linking/ownership/user-column-names.js';

describe('a column is named like a user', () => {
  it.each([
    'user_id',
    'userId',
    'USER_ID',
    'user',
    'userid',
    'owner_id',
    'ownerUuid',
    'account_id',
    'created_by',
    'createdBy',
    'updated_by_id',
    'approvedByUserId',
    'written_by',
    'paid_by',
    'last_actor_id',
    'assigned_to_user_id',
    'reviewer',
    'member_id',
    'sender_id',
  ])('%s', (name) => expect(isNamedLikeUser(name, 'users')).toBe(true));

  it('after the table of the users', () => {
    expect(isNamedLikeUser('patron_id', 'patrons')).toBe(true);
    expect(isNamedLikeUser('patron_id', 'users')).toBe(false);
  });
});

describe('a column is not named like a user', () => {
  it.each([
    'id',
    'venue_id',
    'pet_id',
    'order_by',
    'sort_by',
    'users_count',
    'user_agent',
    'username',
    'parent_id',
    'correlation_id',
    'session_id',
    'baby',
    'superuserish_id',
  ])('%s', (name) => expect(isNamedLikeUser(name, 'users')).toBe(false));
});
