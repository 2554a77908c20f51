import { count, list } from './dom.js';

const NONE = { rows: 0, collisions: 0 };

/**
 * What would come along with a guest, in words.
 * @param tables counts by table; a table of which the guest has nothing is missing.
 */
export function thingsIn(tables) {
  const rowsOf = (table) => (tables[table] ?? NONE).rows;
  const things = [
    rowsOf('pet') && count(rowsOf('pet'), 'dog'),
    rowsOf('photo') && count(rowsOf('photo'), 'photo'),
    rowsOf('favourite') && count(rowsOf('favourite'), 'favourite'),
    rowsOf('visit_log') && count(rowsOf('visit_log'), 'visit'),
    rowsOf('basket') && 'a basket',
    rowsOf('profile') && 'a few words about you',
  ];
  return list(things.filter(Boolean)) || 'a few things';
}

/** What would happen to those that the account has too. */
export function meetingsIn(tables) {
  const collisionsIn = (table) => (tables[table] ?? NONE).collisions;
  const [pets, favourites] = [collisionsIn('pet'), collisionsIn('favourite')];
  const lines = [
    pets &&
      `${count(pets, 'dog')} of a name that you have already: the newer entry stays, with the photos of both.`,
    favourites && `${count(favourites, 'favourite')} that you have already.`,
    collisionsIn('basket') && 'You have a basket already: what is in both adds up.',
    collisionsIn('profile') && 'What your account says about you stays, and its gaps are filled.',
  ];
  return lines.filter(Boolean);
}
