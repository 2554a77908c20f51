import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { RequestMethod, type Type } from '@nestjs/common';
import { ModulesContainer, Reflector } from '@nestjs/core';
import { Access } from '../../src/auth/requests/access-level.js';
import { Limited } from '../../src/auth/limits/limited.decorator.js';
import { Mailbox } from '../support/mailbox.js';
import { createTestApp, type TestApp } from '../support/test-app.js';

interface Route {
  readonly name: string;
  readonly limit: string | undefined;
  readonly bucket: string | undefined;
}

/** Unsafe routes that need no limit, and why. The guard counts none of them. */
const FREE: Readonly<Record<string, string>> = {
  'GuestsController.signIn': 'issuing counts, wherever it happens',
  'SessionController.signOut': 'ends what the request itself has',
};

/** What each of the others counts towards. */
const LIMITS: Readonly<Record<string, string>> = {
  'PasswordController.signUp': 'signUp',
  'UpgradeController.upgrade': 'signUp',
  'PasswordController.signIn': 'signIn',
  'SocialController.signIn': 'signIn',
  'SocialController.link': 'signIn',
  'AccountController.changePassword': 'signIn',
  'AccountController.setPassword': 'signIn',
  'DeleteUserController.delete': 'signIn',
  'MagicLinkController.ask': 'mail',
  'MagicLinkController.verify': 'codes',
  'MagicLinkController.fetch': 'codes',
  'EmailOtpController.send': 'mail',
  'EmailOtpController.signIn': 'codes',
  'PasswordResetController.ask': 'mail',
  'PasswordResetController.reset': 'codes',
  'EmailVerificationController.send': 'mail',
  'EmailVerificationController.verify': 'codes',
  'EmailVerificationController.fetch': 'codes',
  'ChangeEmailController.changeEmail': 'mail',
  'LinksController.confirm': 'codes',
};

describe('the limits of routes', () => {
  let host: TestApp;
  let routes: Route[];
  let strangers: string[];
  beforeAll(async () => {
    host = await createTestApp({ extras: { mailer: Mailbox } });
    const reflector = host.app.get(Reflector);
    const handlers = [...host.app.get(ModulesContainer).values()]
      .flatMap(({ controllers }) => [...controllers.values()])
      .map(({ metatype }) => metatype as Type)
      .filter((controller) => reflector.get(Access, controller) === 'public')
      .flatMap((controller) => handlersOf(controller));
    routes = handlers
      .map(({ name, handler }) => ({ name, ...reflector.get(Limited, handler) }))
      .filter(({ limit }) => limit !== undefined) as Route[];
    // Whoever is signed in harms but itself; everybody else must be counted.
    strangers = handlers
      .filter(({ handler, isUnsafe }) => isUnsafe && !isGuarded(reflector, handler))
      .map(({ name }) => name);
  });
  afterAll(() => host.close());

  it('are these', () => {
    expect(Object.fromEntries(routes.map(({ name, limit }) => [name, limit]))).toEqual(LIMITS);
  });

  it('leave no route open that somebody without a session can change something by', () => {
    const open = strangers.filter((name) => !(name in LIMITS) && !(name in FREE));
    expect(open).toEqual([]);
    expect(strangers.length).toBeGreaterThan(5);
  });

  it('are shared where two routes do one thing', () => {
    const shared = routes.filter(({ bucket }) => bucket !== undefined);
    expect(Object.fromEntries(shared.map(({ name, bucket }) => [name, bucket]))).toEqual({
      'PasswordController.signUp': 'sign-up',
      'UpgradeController.upgrade': 'sign-up',
      'MagicLinkController.verify': 'magic-link/verify',
      'MagicLinkController.fetch': 'magic-link/verify',
      'EmailVerificationController.verify': 'verify-email',
      'EmailVerificationController.fetch': 'verify-email',
    });
  });
});

function handlersOf(controller: Type) {
  const prototype = controller.prototype as Record<string, (...args: unknown[]) => unknown>;
  return Object.getOwnPropertyNames(prototype)
    .filter((property) => property !== 'constructor')
    .map((property) => ({ property, handler: prototype[property]! }))
    .filter(({ handler }) => Reflect.hasMetadata(PATH_METADATA, handler))
    .map(({ property, handler }) => ({
      name: `${controller.name}.${property}`,
      handler,
      isUnsafe: Reflect.getMetadata(METHOD_METADATA, handler) !== RequestMethod.GET,
    }));
}

function isGuarded(reflector: Reflector, handler: (...args: unknown[]) => unknown): boolean {
  return ['session', 'account', 'guest'].includes(reflector.get(Access, handler) ?? 'public');
}
