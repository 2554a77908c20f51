import { join } from 'node:path';

const FILE = join(import.meta.dirname, '../../examples/paws/page/receipt-words.js');

interface Words {
  readonly arrived: readonly string[];
  readonly known: readonly string[];
}

const receipt = (moved: number, folded = 0, dropped = 0) => ({ moved, folded, dropped });

describe('the receipt on the page of the example', () => {
  let wordsOf: (tables: object) => Words;
  beforeAll(async () => {
    ({ wordsOf } = (await import(FILE)) as { wordsOf: typeof wordsOf });
  });

  it('names what moved', () => {
    expect(
      wordsOf({
        pet: receipt(1),
        photo: receipt(2),
        favourite: receipt(1),
        visit_log: receipt(3),
        stamp_card: receipt(0, 1),
        profile: receipt(1),
        basket: receipt(1),
      }),
    ).toEqual({
      arrived: [
        '1 dog',
        '2 photos',
        '1 favourite',
        '3 visits',
        'The stamps of your card, on the one of your account',
        'What you wrote about yourself',
        'Your basket',
      ],
      known: [],
    });
  });

  it('names what was there already, and what became of it', () => {
    expect(
      wordsOf({
        pet: receipt(0, 0, 2),
        favourite: receipt(0, 0, 1),
        profile: receipt(0, 1),
        basket: receipt(0, 0, 1),
        basket_item: receipt(1, 2),
      }),
    ).toEqual({
      arrived: ['1 item for the basket'],
      known: [
        '2 dogs of the same name: the newer entry stays, with the photos of both',
        '1 favourite',
        '2 items in the basket: added up',
        'What you wrote about yourself: it stays, and its gaps are filled',
      ],
    });
  });

  it('has nothing to say of a guest who owned nothing', () => {
    expect(wordsOf({})).toEqual({ arrived: [], known: [] });
  });
});
