import { combine, newest, owned, type TableDeclaration } from '../../src/index.js';
import { BasketItem } from './baskets/basket-item.js';
import { Basket } from './baskets/basket.js';
import { Favourite } from './favourites/favourite.js';
import { Pet } from './pets/pet.js';
import { Photo } from './photos/photo.js';
import { Profile } from './profiles/profile.js';
import { VisitLog } from './visits/visit-log.js';

/**
 * What becomes of a guest's rows when the guest signs in to an account. Tables with a unique key must be here, or the app
 * does not start. `stamp_card` is not: its rows are merged by `StampCardMergeHandler`.
 */
export const OWNED_TABLES: readonly TableDeclaration[] = [
  // Of two dogs with one name the one stays that was changed last, with the photos of both.
  owned(Pet, { onCollision: newest('updatedAt') }),
  // Nothing can collide; would go without saying.
  owned(Photo),
  owned(Favourite, { onCollision: 'keepAccount' }),
  // What the account has left empty is filled from the guest.
  owned(Profile, { onCollision: combine({ displayName: 'fill', city: 'fill', bio: 'fill' }) }),
  // The account's basket adopts the guest's items, and what is in both adds up.
  owned(Basket, { onCollision: 'keepAccount' }),
  owned(BasketItem, { onCollision: combine({ quantity: 'sum' }) }),
  // No foreign key says whose a visit is, so this line does.
  owned(VisitLog, { column: 'actorId' }),
];
