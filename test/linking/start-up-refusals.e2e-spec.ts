import { Injectable, Module, Scope, type Type } from '@nestjs/common';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { ConfigurationError, type MergeContext, MergeHandler } from '../../src/index.js';
import { Note, Wallet } from '../support/host.js';
import { refusalOf } from '../support/refused-start.js';
import type { TestAppSettings } from '../support/test-app.js';

class Works implements MergeHandler {
  async merge(_context: MergeContext): Promise<void> {}
}

@Entity('unknown_thing')
class UnknownThing {
  @PrimaryColumn({ type: 'uuid' })
  id!: string;

  @Column({ name: 'user_id', type: 'uuid' })
  userId!: string;
}

@MergeHandler(Note)
class ForgetfulHandler {}

@MergeHandler(Note)
class FirstNoteHandler extends Works {}

@MergeHandler(Note)
class SecondNoteHandler extends Works {}

@MergeHandler(UnknownThing)
class UnknownThingHandler extends Works {}

@MergeHandler(Note, { after: [UnknownThing] })
class AfterUnknownHandler extends Works {}

@MergeHandler(Note, { after: [Wallet] })
class NoteAfterWalletHandler extends Works {}

@MergeHandler(Wallet, { after: [Note] })
class WalletAfterNoteHandler extends Works {}

@MergeHandler(Note, { after: [Note] })
class NoteAfterItselfHandler extends Works {}

@MergeHandler(Note)
@Injectable({ scope: Scope.REQUEST })
class RequestHandler extends Works {}

@Injectable({ scope: Scope.REQUEST })
class RequestThing {}

@MergeHandler(Wallet)
@Injectable()
class BoundToRequestHandler extends Works {
  constructor(readonly thing: RequestThing) {
    super();
  }
}

function moduleWith(handler: Type): Type {
  @Module({ providers: [handler] })
  class HostModule {}
  return HostModule;
}

const refusals: [rule: string, settings: TestAppSettings, says: RegExp[]][] = [
  ['a handler without merge()', { providers: [ForgetfulHandler] }, [/ForgetfulHandler/, /merge\(/]],
  [
    'two handlers for one table',
    { providers: [FirstNoteHandler, SecondNoteHandler] },
    [/FirstNoteHandler/, /SecondNoteHandler/, /keep one|remove one/i],
  ],
  [
    'a handler for an entity that the DataSource does not know',
    { providers: [UnknownThingHandler] },
    [/UnknownThingHandler/, /UnknownThing\b/, /add the entity/i],
  ],
  [
    'a handler that waits for an entity that the DataSource does not know',
    { providers: [AfterUnknownHandler] },
    [/AfterUnknownHandler/, /UnknownThing\b/, /add the entity/i],
  ],
  [
    'a handler whose table does not exist',
    { providers: [UnknownThingHandler], entities: [UnknownThing] },
    [/UnknownThingHandler/, /unknown_thing/, /migrations/i],
  ],
  [
    'handlers that wait for each other',
    { providers: [NoteAfterWalletHandler, WalletAfterNoteHandler] },
    [/NoteAfterWalletHandler/, /WalletAfterNoteHandler/, /remove one.*after/i],
  ],
  [
    'a handler that waits for itself',
    { providers: [NoteAfterItselfHandler] },
    [/NoteAfterItselfHandler/, /remove.*after/i],
  ],
  [
    'a request-scoped handler',
    { providers: [RequestHandler] },
    [/RequestHandler/, /request/i, /singleton/i],
  ],
  [
    'a handler that injects something request-scoped',
    { providers: [RequestThing, BoundToRequestHandler] },
    [/BoundToRequestHandler/, /request/i, /singleton/i],
  ],
  [
    'a handler that two modules provide',
    { imports: [moduleWith(FirstNoteHandler), moduleWith(FirstNoteHandler)] },
    [/FirstNoteHandler/, /two modules|twice/i, /export/i],
  ],
  [
    'a budget without a unit',
    // oxlint-disable-next-line typescript/no-explicit-any -- a JavaScript host can write anything
    { options: { linking: { budget: 2000 as any } } },
    [/linking\.budget/, /'500ms'/],
  ],
  [
    'a timeout shorter than the budget',
    { options: { linking: { budget: '2s', timeout: '1s' } } },
    [/linking\.timeout/, /linking\.budget/, /longer/i],
  ],
  [
    'no attempt at all',
    { options: { linking: { retry: { attempts: 0 } } } },
    [/linking\.retry\.attempts/, /whole number/i],
  ],
];

describe('the start of the app', () => {
  it.each(refusals)(
    'is refused for %s, with the fix in the message',
    async (_rule, settings, says) => {
      const error = await refusalOf(settings);
      expect(error).toBeInstanceOf(ConfigurationError);
      for (const part of says) expect(error.message).toMatch(part);
    },
  );
});
