import * as client from '../../src/client/index.js';
import * as api from '../../src/index.js';
import { LibraryTypes } from './library.js';

/** Adding a name is a minor version, removing or renaming one a major. */
const values = [
  'AccountOnly',
  'AnonymousException',
  'AnonymousExceptionFilter',
  'AnonymousModule',
  'AuthenticationService',
  'Clock',
  'ConfigurationError',
  'CurrentUser',
  'ERROR_CODES',
  'EVENTS',
  'EnsureIdentity',
  'GuestGate',
  'GuestOnly',
  'GuestsService',
  'Identity',
  'InsightsService',
  'LateRowsService',
  'LinkPolicy',
  'LinkingService',
  'LinksGuest',
  'Mailer',
  'MergeHandler',
  'OptionalIdentity',
  'OwnLoginService',
  'Public',
  'ReaperService',
  'ReconcilerService',
  'SessionGuard',
  'UnavailableInterceptor',
  'UpgradeService',
  'User',
  'UserBase',
  'anonymousEntities',
  'anonymousMigrations',
  'cleanupAnonymousUsers',
  'combine',
  'google',
  'ignored',
  'newest',
  'oidc',
  'owned',
];

describe('the public API', () => {
  const types = new LibraryTypes();

  it('exports these values and no others', () => {
    expect(Object.keys(api).toSorted()).toEqual(values);
  });

  it('has a doc comment on every export, types included', () => {
    const silent = [...types.exports()]
      .filter(([, symbol]) => types.comment(symbol) === '')
      .map(([name]) => name);
    expect(silent).toEqual([]);
  });

  it('has a doc comment on every option', () => {
    const options = [
      ...types.properties('AnonymousModuleOptions'),
      ...types.properties('AnonymousModuleExtras'),
    ];
    // A group is explained by the interface of its members.
    const groups = new Set(options.map(([path]) => path.split('.').slice(0, -1).join('.')));
    const silent = options
      .filter(([path, symbol]) => !groups.has(path) && types.comment(symbol) === '')
      .map(([path]) => path);
    expect(silent).toEqual([]);
  });
});

describe('nestjs-anonymous/client', () => {
  const types = new LibraryTypes('src/client/index.ts');

  it('exports these values and no others', () => {
    expect(Object.keys(client).toSorted()).toEqual(['ensureSession', 'guestClient']);
  });

  it('has a doc comment on every export, types included', () => {
    const silent = [...types.exports()]
      .filter(([, symbol]) => types.comment(symbol) === '')
      .map(([name]) => name);
    expect(silent).toEqual([]);
  });
});
