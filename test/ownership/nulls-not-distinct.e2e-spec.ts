import { ConfigurationError } from '../../src/index.js';
import { refusalOf } from '../support/refused-start.js';

/** From PostgreSQL 15 on. */
describe('an app does not start with', () => {
  it('a key whose nulls are not distinct that nobody has decided about', async () => {
    const error = await refusalOf({
      schema: `
        CREATE TABLE thing (id integer PRIMARY KEY, day date, user_id uuid NOT NULL REFERENCES users (id));
        CREATE UNIQUE INDEX one_day ON thing (user_id, day) NULLS NOT DISTINCT`,
    });
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error.message).toContain('one_day (user_id, day)');
    expect(error.message).toContain("owned('thing', { onCollision: 'keepAccount' })");
  });
});
