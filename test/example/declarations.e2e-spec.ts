import { Test } from '@nestjs/testing';
import { BasketItem } from '../../examples/paws/baskets/basket-item.js';
import { Basket } from '../../examples/paws/baskets/basket.js';
import { Favourite } from '../../examples/paws/favourites/favourite.js';
import { OWNED_TABLES } from '../../examples/paws/owned-tables.js';
import { PawsModule } from '../../examples/paws/paws.module.js';
import { Pet } from '../../examples/paws/pets/pet.js';
import { Profile } from '../../examples/paws/profiles/profile.js';
import { ConfigurationError } from '../../src/index.js';
import { ORIGIN, SECRET } from '../support/test-app.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { closePaws, startPaws } from './paws-app.js';

const NEEDED = [
  [Pet, 'pet', 'pet_user_id_name_key (user_id, name)'],
  [Favourite, 'favourite', 'favourite_pkey (user_id, venue_id)'],
  [Profile, 'profile', 'profile_user_id_key (user_id)'],
  [Basket, 'basket', 'basket_user_id_key (user_id)'],
  [BasketItem, 'basket_item', 'basket_item_sku_key (basket_id, sku)'],
] as const;

describe('the declared tables of the example', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase();
  });
  afterEach(() => database.drop());

  it.each(NEEDED)('need the line about %p', async (entity, table, key) => {
    const { message } = await refusalWithout(entity);
    expect(message).toContain(`table ${table}: `);
    expect(message).toContain(`unique key ${key}.`);
    expect(message).toContain(
      `AnonymousModule.forFeature([owned(${entity.name}, { onCollision: 'keepAccount' })])`,
    );
  });

  async function refusalWithout(entity: object): Promise<Error> {
    const others = OWNED_TABLES.filter(({ target }) => target !== entity);
    expect(others).toHaveLength(OWNED_TABLES.length - 1);
    const options = { databaseUrl: database.url, secret: SECRET, baseUrl: ORIGIN };
    const module = await Test.createTestingModule({
      imports: [PawsModule.with(options, others)],
    }).compile();
    const app = module.createNestApplication({ logger: false });
    const refusal = await app.init().catch((error: unknown) => error);
    await app.close().catch(() => undefined);
    expect(refusal).toBeInstanceOf(ConfigurationError);
    return refusal as Error;
  }
});

describe('the tables of the example', () => {
  afterEach(closePaws);

  it('are what its entities say', async () => {
    const { dataSource } = await startPaws();
    const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
    expect(upQueries.map(({ query }) => query)).toEqual([]);
  });
});
