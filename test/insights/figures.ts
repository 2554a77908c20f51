import { type GuestDay, InsightsService } from '../../src/index.js';
import { newGuest, type Person } from '../support/people.js';
import type { TestApp } from '../support/test-app.js';

/** What happened, without the day and what is counted when somebody asks. */
export type Happenings = Pick<GuestDay, 'issued' | 'active' | 'upgraded' | 'linked' | 'reaped'>;

export function insightsOf(host: TestApp): InsightsService {
  return host.app.get(InsightsService);
}

/** Figures of the last two days together, so that no test depends on when midnight is. */
export async function happenings(host: TestApp): Promise<Happenings> {
  const days = await insightsOf(host).days({ days: 2 });
  const sum = (figure: keyof Happenings) => days.reduce((total, day) => total + day[figure], 0);
  return {
    issued: sum('issued'),
    active: sum('active'),
    upgraded: sum('upgraded'),
    linked: sum('linked'),
    reaped: sum('reaped'),
  };
}

/** Guests by how long they took, without the empty buckets. */
export async function claims(host: TestApp): Promise<Record<string, number>> {
  const buckets = await insightsOf(host).timeToClaim({ days: 2 });
  return Object.fromEntries(
    buckets.filter(({ guests }) => guests > 0).map(({ within, guests }) => [within, guests]),
  );
}

export async function newGuests(host: TestApp, guests: number): Promise<Person[]> {
  const people: Person[] = [];
  for (let n = 0; n < guests; n += 1) people.push(await newGuest(host));
  return people;
}
