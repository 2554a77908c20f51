import type { MigrationInterface, QueryRunner } from 'typeorm';

const VENUES = [
  [
    'The Wet Nose',
    'Bristol',
    'café',
    'Flat whites at the harbour, a water bowl at every table, and a shelf of towels for after the rain.',
  ],
  [
    'Marrow & Rye',
    'Edinburgh',
    'bakery',
    'Sourdough for you, oat biscuits for the one under the bench. Mornings are quiet until nine.',
  ],
  [
    'Seven Sisters Shore',
    'Seaford',
    'beach',
    'A long pebble beach with the tide far out. Off the lead all year east of the breakwater.',
  ],
  [
    'Tempelhof Field',
    'Berlin',
    'park',
    'Three fenced meadows on an old airfield, the largest as wide as two runways.',
  ],
  [
    'Haus am Deich',
    'Husum',
    'hotel',
    'Rooms on the ground floor with a door to the garden, a dog bath, and nobody who minds the sand.',
  ],
  [
    'Pension Bergblick',
    'Mittenwald',
    'hotel',
    'Starting point for six walks. The kitchen cooks rice and chicken for guests on four legs.',
  ],
  [
    'Le Chien Bleu',
    'Lyon',
    'restaurant',
    'Small plates in a vaulted cellar. Ask for the corner table: there is room for a great dane.',
  ],
  [
    'Parc du Vallon',
    'Lyon',
    'park',
    'A brook to wade in, shade at noon, and a fenced acre for those who do not come when called.',
  ],
  [
    'Canal Books',
    'Amsterdam',
    'shop',
    'A bookshop on a houseboat. The gangway is steep, so small dogs are carried and adored.',
  ],
  [
    'Duin en Bos',
    'Bergen',
    'trail',
    'Eleven kilometres from the pines to the sea. Leads on until the second gate, for the nesting larks.',
  ],
  [
    'Praia da Amoreira',
    'Aljezur',
    'beach',
    'Where the river meets the ocean: calm water for swimmers, wide sand for diggers.',
  ],
  [
    'Fogo & Faro',
    'Porto',
    'bar',
    'A terrace above the Douro with blankets for the evening and a resident beagle called Faro.',
  ],
];

export class SeedVenues1763900000002 implements MigrationInterface {
  readonly name = 'SeedVenues1763900000002';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `INSERT INTO venue (name, city, kind, description)
       SELECT v->>0, v->>1, v->>2, v->>3 FROM jsonb_array_elements($1::jsonb) AS v`,
      [JSON.stringify(VENUES)],
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DELETE FROM venue');
  }
}
