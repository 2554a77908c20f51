import type { INestApplicationContext, InjectionToken } from '@nestjs/common';
import { ConfigurationError } from '../common/errors.js';
import { TestKitError } from './kit-error.js';

/** A provider of this library in the host's app. @throws TestKitError when the app has none. */
export function providerOf<Provider>(
  app: INestApplicationContext,
  token: InjectionToken<Provider>,
): Provider {
  try {
    return app.get<Provider>(token, { strict: false });
  } catch (error) {
    if (error instanceof ConfigurationError) throw error;
    throw new TestKitError(
      'the app does not import AnonymousModule, or imports another copy of nestjs-anonymous. Give the kit the app that the test has made, after `await app.init()`.',
      { cause: error },
    );
  }
}
