import { join } from 'node:path';

const FILE = join(import.meta.dirname, '../../examples/paws/page/preview-words.js');

interface Words {
  thingsIn(tables: object): string;
  meetingsIn(tables: object): string[];
}

const preview = (rows: number, collisions = 0) => ({ rows, collisions, decidedBy: 'reassign' });

describe('the question on the page of the example', () => {
  let words: Words;
  beforeAll(async () => {
    words = (await import(FILE)) as Words;
  });

  it('names what would come along', () => {
    expect(words.thingsIn({ pet: preview(3), photo: preview(5) })).toBe('3 dogs and 5 photos');
    expect(
      words.thingsIn({
        pet: preview(1),
        photo: preview(1),
        favourite: preview(2),
        visit_log: preview(1),
        stamp_card: preview(1),
        basket: preview(1),
        profile: preview(1),
      }),
    ).toBe('1 dog, 1 photo, 2 favourites, 1 visit, a basket and a few words about you');
  });

  it('has a word for what it does not know', () => {
    expect(words.thingsIn({ something: preview(1) })).toBe('a few things');
  });

  it('tells what becomes of those that the account has too', () => {
    expect(words.meetingsIn({ pet: preview(1), photo: preview(2) })).toEqual([]);
    expect(
      words.meetingsIn({
        pet: preview(2, 1),
        favourite: preview(1, 1),
        basket: preview(1, 1),
        basket_item: preview(0, 1),
        profile: preview(1, 1),
      }),
    ).toEqual([
      '1 dog of a name that you have already: the newer entry stays, with the photos of both.',
      '1 favourite that you have already.',
      'You have a basket already: what is in both adds up.',
      'What your account says about you stays, and its gaps are filled.',
    ]);
  });
});
