import { refusal, rowCounts } from '../support/expectations.js';
import type { TestApp } from '../support/test-app.js';
import { closePaws, startPaws } from './paws-app.js';
import { merge, rowsIn, twoSides } from './two-sides.js';
import { addDog, placesOf, visit } from './visitors.js';

const NO_PLACE = '00000000-0000-4000-8000-000000000000';

describe('the visits of the example', () => {
  let host: TestApp;
  let places: string[];
  beforeEach(async () => {
    host = await startPaws();
    places = await placesOf(host.browser());
  });
  afterEach(closePaws);

  it('are listed with the latest first, and each is a stamp', async () => {
    const client = host.browser();
    expect((await client.get('/visits')).body).toEqual([]);
    expect((await client.get('/stamp-card')).body).toEqual({ stamps: 0, treats: 0 });
    expect((await rowCounts(host)).users).toBe(0);
    await visit(client, places[0]!);
    await visit(client, places[1]!, 2);
    expect((await client.get('/visits')).body).toEqual(
      [places[1], places[1], places[0]].map((venueId) => ({
        venueId,
        visitedAt: expect.stringMatching(/^\d{4}-.*Z$/),
      })),
    );
    expect((await client.get('/stamp-card')).body).toEqual({ stamps: 3, treats: 0 });
    expect((await host.browser().get('/visits')).body).toEqual([]);
  });

  it('make a treat of ten stamps, also when they come at the same time', async () => {
    const client = host.browser();
    await visit(client, places[0]!);
    await Promise.all(places.slice(0, 11).map((place) => visit(client, place)));
    expect((await client.get('/stamp-card')).body).toEqual({ stamps: 2, treats: 1 });
  });

  it('are refused for a place that is none', async () => {
    const before = await rowCounts(host);
    const client = host.browser();
    expect(await client.post(`/venues/${NO_PLACE}/visits`)).toMatchObject(
      refusal(404, 'VENUE_NOT_FOUND'),
    );
    expect(await client.post('/venues/x/visits')).toMatchObject(refusal(400, 'VALIDATION_FAILED'));
    expect(await rowCounts(host)).toEqual(before);
    expect(client.cookies.header()).toBe('');
  });

  it('follow the guest into the account, though no foreign key leads there', async () => {
    const sides = await twoSides(host, {
      home: (client) => visit(client, places[0]!),
      away: (client) => visit(client, places[1]!, 2),
    });
    const log = () => rowsIn(host, 'visit_log', 'venue_id', sides, 'actor_id');
    expect(await log()).toEqual(
      [`account: ${places[0]}`, `guest: ${places[1]}`, `guest: ${places[1]}`].toSorted(),
    );

    expect(await merge(sides)).toMatchObject({ visit_log: { moved: 2, folded: 0, dropped: 0 } });

    expect(await log()).toEqual(
      [places[0], places[1], places[1]].map((id) => `account: ${id}`).toSorted(),
    );
    expect((await sides.home.get('/visits')).body).toHaveLength(3);
  });

  it('never get lost when they are noted during the sign-in', async () => {
    const sides = await twoSides(host, { away: (client) => visit(client, places[1]!) });
    const guests = places.map(() => host.browser());
    for (const guest of guests) sides.away.cookies.copyTo(guest.cookies);
    const [receipt, ...answers] = await Promise.all([
      merge(sides),
      ...guests.map((guest, n) => guest.post(`/venues/${places[n]}/visits`)),
    ]);
    expect(receipt).toHaveProperty('visit_log');

    const noted = answers.filter(({ status }) => status === 201);
    for (const refused of answers.filter((answer) => !noted.includes(answer))) {
      expect(refused).toMatchObject(refusal(409, 'GUEST_MERGED'));
    }
    // Whoever comes when the guest is gone already is somebody new.
    const log = await host.sql('SELECT 1 FROM visit_log JOIN users ON users.id = actor_id');
    expect(log).toHaveLength(noted.length + 1);
    expect(
      await host.sql('SELECT sum(stamps + 10 * treats)::int AS stamps FROM stamp_card'),
    ).toEqual([{ stamps: log.length }]);
  });

  it('put the stamps of two cards on one, and ten of them are a treat', async () => {
    const sides = await twoSides(host, {
      home: (client) => visit(client, places[0]!, 7),
      away: (client) => visit(client, places[1]!, 15),
    });
    const cards = () => rowsIn(host, 'stamp_card', 'stamps, treats', sides);
    expect(await cards()).toEqual(['account: 7, 0', 'guest: 5, 1']);
    expect(await merge(sides)).toMatchObject({ stamp_card: { moved: 0, folded: 1, dropped: 0 } });
    expect(await cards()).toEqual(['account: 2, 2']);
  });

  it('bring a card to an account that has none', async () => {
    const sides = await twoSides(host, { away: (client) => visit(client, places[1]!, 3) });
    expect(await merge(sides)).toEqual({
      visit_log: { moved: 3, folded: 0, dropped: 0 },
      stamp_card: { moved: 0, folded: 1, dropped: 0 },
    });
    expect((await sides.home.get('/stamp-card')).body).toEqual({ stamps: 3, treats: 0 });
  });

  it('of the account stay when the guest was nowhere', async () => {
    const sides = await twoSides(host, {
      home: (client) => visit(client, places[0]!),
      away: (client) => addDog(client, 'Rex'),
    });
    expect(await merge(sides)).toEqual({ pet: { moved: 1, folded: 0, dropped: 0 } });
    expect((await sides.home.get('/stamp-card')).body).toEqual({ stamps: 1, treats: 0 });
  });
});
