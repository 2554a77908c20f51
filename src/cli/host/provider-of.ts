import type { InjectionToken } from '@nestjs/common';
import { ConfigurationError } from '../../common/errors.js';
import { CliError } from '../cli.errors.js';
import type { HostApp } from './host-app.js';

/** A provider of this library in the app. @throws CliError when the app has none. */
export function providerOf<Provider>(app: HostApp['providers'], token: InjectionToken): Provider {
  try {
    return app.get<Provider>(token, { strict: false });
  } catch (error) {
    if (error instanceof ConfigurationError) throw error;
    throw new CliError(
      'the app does not import AnonymousModule, or imports another copy of nestjs-anonymous than this command belongs to. Run it with npx in the folder of the app.',
      { cause: error },
    );
  }
}
