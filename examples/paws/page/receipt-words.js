import { count } from './dom.js';

const NONE = { moved: 0, folded: 0, dropped: 0 };

/**
 * The receipt of a merge in words, as two lists: what is in the account now, and what was there already.
 * @param tables counts by table; a table of which the guest had nothing is missing.
 */
export function wordsOf(tables) {
  const of = (table) => tables[table] ?? NONE;
  const [pet, photo, favourite] = [of('pet'), of('photo'), of('favourite')];
  const [profile, basket, item] = [of('profile'), of('basket'), of('basket_item')];
  const [visit, card] = [of('visit_log'), of('stamp_card')];
  const arrived = [
    pet.moved && count(pet.moved, 'dog'),
    photo.moved && count(photo.moved, 'photo'),
    favourite.moved && count(favourite.moved, 'favourite'),
    visit.moved && count(visit.moved, 'visit'),
    card.folded && 'The stamps of your card, on the one of your account',
    profile.moved && 'What you wrote about yourself',
    basket.moved && 'Your basket',
    item.moved && `${count(item.moved, 'item')} for the basket`,
  ];
  const known = [
    pet.dropped &&
      `${count(pet.dropped, 'dog')} of the same name: the newer entry stays, with the photos of both`,
    favourite.dropped && count(favourite.dropped, 'favourite'),
    item.folded && `${count(item.folded, 'item')} in the basket: added up`,
    profile.folded && 'What you wrote about yourself: it stays, and its gaps are filled',
  ];
  return { arrived: arrived.filter(Boolean), known: known.filter(Boolean) };
}
