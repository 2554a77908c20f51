import { Injectable } from '@nestjs/common';
import { OnEvent } from '@nestjs/event-emitter';
import { DataSource } from 'typeorm';
import type { AccountLinkedEvent, LinkingOptions, MergeContext } from '../../src/index.js';
import { Note, Wallet } from '../support/host.js';
import { handlerOf, moveNotes, WalletMergeHandler } from '../support/links.js';
import type { TestAppSettings } from '../support/test-app.js';

/** Where a merge stops if its guest has a row in `hold`, in their order. */
export const POINTS = {
  locked: 'with the guest locked',
  between: 'between two handlers',
  last: 'after the last handler',
  commit: 'in its COMMIT',
  unheard: 'in a COMMIT whose answer nobody hears',
  told: 'after its answer, before its announcement',
} as const;
export type Point = keyof typeof POINTS;

/** The test holds both, so that it can let the second go first. */
export const HOLD = 4711;
export const HOLD_UNHEARD = 4712;

/**
 * Triggers and handlers wait at their point for an advisory lock, as long as it takes. Postgres does not look for the client
 * of a COMMIT that goes on unheard, so it ends well after the process is dead.
 */
const SCHEMA = `
  CREATE TABLE hold (whose uuid PRIMARY KEY, point text NOT NULL);
  CREATE TABLE heard (id serial PRIMARY KEY, link uuid NOT NULL);
  CREATE FUNCTION hold_at(guest uuid, at text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN
    IF NOT EXISTS (SELECT 1 FROM hold WHERE whose = guest AND point = at) THEN RETURN; END IF;
    PERFORM set_config('lock_timeout', '0', true);
    IF at = 'unheard' THEN
      PERFORM set_config('client_connection_check_interval', '0', true);
      PERFORM pg_advisory_xact_lock_shared(${HOLD_UNHEARD});
    ELSE
      PERFORM pg_advisory_xact_lock_shared(${HOLD});
    END IF;
  END $$;
  CREATE FUNCTION hold_last() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM hold_at(OLD.id, 'last'); RETURN OLD; END $$;
  CREATE TRIGGER hold_last BEFORE DELETE ON users FOR EACH ROW EXECUTE FUNCTION hold_last();
  CREATE FUNCTION hold_commit() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM hold_at(OLD.id, 'commit'); PERFORM hold_at(OLD.id, 'unheard'); RETURN NULL; END $$;
  CREATE CONSTRAINT TRIGGER hold_commit AFTER DELETE ON users
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION hold_commit()`;

async function hold({ guest, manager }: MergeContext, point: Point): Promise<void> {
  await manager.query('SELECT hold_at($1, $2)', [guest.id, point]);
}

const HeldNotes = handlerOf(Note, async (context) => {
  await hold(context, 'locked');
  await moveNotes(context);
});

const HeldWallet = handlerOf(
  Wallet,
  async (context) => {
    await hold(context, 'between');
    return new WalletMergeHandler().merge(context);
  },
  { after: [Note] },
);

/** Writes down what it hears; of a guest that is held it hears for ever. */
@Injectable()
class HeldListener {
  constructor(private readonly dataSource: DataSource) {}

  @OnEvent('account.linked')
  async hear({ linkId, guestId }: AccountLinkedEvent): Promise<void> {
    const rows: unknown[] = await this.dataSource.query(
      `SELECT 1 FROM hold WHERE whose = $1 AND point = 'told'`,
      [guestId],
    );
    if (rows.length > 0) await new Promise(() => undefined);
    await this.dataSource.query('INSERT INTO heard (link) VALUES ($1)', [linkId]);
  }
}

/**
 * The same app for the process that is killed and for those beside it. An attempt belongs to its instance for minutes, so
 * what is taken up, and when, is for the test to say.
 */
export function heldApp(every: LinkingOptions['budget']): TestAppSettings {
  return {
    options: { linking: { budget: '2m', timeout: '5m', retry: { every, firstDelay: '1ms' } } },
    providers: [HeldNotes, HeldWallet, HeldListener],
    hostTables: [],
    schema: SCHEMA,
    poolSize: 30,
  };
}
