/** The rules are about tables that are not those of the database. Nothing was deleted. */
export class OutdatedMapError extends Error {
  override readonly name = 'OutdatedMapError';

  constructor() {
    super(
      'nestjs-anonymous: the foreign keys to users have changed since this instance started, so it cannot know what guests own. Restart it, or let a newer instance reap.',
    );
  }
}
