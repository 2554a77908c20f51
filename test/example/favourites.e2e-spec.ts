import { refusal, rowCounts } from '../support/expectations.js';
import type { TestApp } from '../support/test-app.js';
import { closePaws, startPaws } from './paws-app.js';
import { merge, rowsIn, twoSides } from './two-sides.js';
import { favour, favouritesOf, placesOf, userOf } from './visitors.js';

const NO_PLACE = '00000000-0000-4000-8000-000000000000';

describe('the favourites of the example', () => {
  let host: TestApp;
  let places: string[];
  beforeEach(async () => {
    host = await startPaws();
    places = await placesOf(host.browser());
  });
  afterEach(closePaws);

  it('come and go, and the same again changes nothing', async () => {
    const client = host.browser();
    const [park, cafe] = places as [string, string];
    expect(await favouritesOf(client)).toEqual([]);
    await favour(client, park, park, cafe);
    expect(await favouritesOf(client)).toEqual([park, cafe].toSorted());
    expect(await favouritesOf(host.browser())).toEqual([]);
    for (let time = 0; time < 2; time += 1) {
      expect(await client.delete(`/favourites/${park}`)).toMatchObject({ status: 204, text: '' });
    }
    expect(await favouritesOf(client)).toEqual([cafe]);
    expect((await userOf(client))?.isAnonymous).toBe(true);
  });

  it('are one row when a heart is pressed twice at the same time', async () => {
    const client = host.browser();
    await favour(client, places[0]!);
    const again = () => client.request('PUT', `/favourites/${places[1]}`);
    const answers = await Promise.all([again(), again(), again()]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await rowCounts(host)).favourite).toBe(2);
  });

  it.each(['PUT', 'DELETE'])('%s is refused for a place that is none', async (method) => {
    const before = await rowCounts(host);
    const client = host.browser();
    expect(await client.request(method, `/favourites/${NO_PLACE}`)).toMatchObject(
      refusal(404, 'VENUE_NOT_FOUND'),
    );
    for (const id of ['x', '1', `${places[0]}0`, '%00', encodeURIComponent("' OR 1=1")]) {
      const answer = await client.request(method, `/favourites/${id}`);
      expect(answer).toMatchObject(refusal(400, 'VALIDATION_FAILED'));
      expect(answer.body.errors).toEqual([
        { field: 'venueId', messages: ['venueId must be a UUID'] },
      ]);
    }
    expect(await rowCounts(host)).toEqual(before);
    expect(client.cookies.header()).toBe('');
  });

  it('of guest and account become one list, and what both had is there once', async () => {
    const [park, cafe, beach] = places as [string, string, string];
    const sides = await twoSides(host, {
      home: (client) => favour(client, park, cafe),
      away: (client) => favour(client, cafe, beach),
    });
    expect(await rowsIn(host, 'favourite', 'venue_id', sides)).toEqual(
      [`account: ${park}`, `account: ${cafe}`, `guest: ${cafe}`, `guest: ${beach}`].toSorted(),
    );

    expect(await merge(sides)).toEqual({ favourite: { moved: 1, folded: 0, dropped: 1 } });

    expect(await rowsIn(host, 'favourite', 'venue_id', sides)).toEqual(
      [park, cafe, beach].map((id) => `account: ${id}`).toSorted(),
    );
    expect(await favouritesOf(sides.home)).toEqual([park, cafe, beach].toSorted());
  });
});
