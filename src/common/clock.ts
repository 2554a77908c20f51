/**
 * The application's clock, for what is decided outside Postgres: the dates inside tokens.
 * Everything that lives in a row is dated and compared by the database's clock instead.
 */
export class Clock {
  now(): Date {
    return new Date();
  }
}
