import { ConfigurationError } from '../../common/errors.js';

/** The package that speaks the protocol. Only hosts with providers install it. */
export type ClientLibrary = typeof import('openid-client');

/** @throws ConfigurationError when it is not installed. */
export async function loadClientLibrary(): Promise<ClientLibrary> {
  try {
    return await import('openid-client');
  } catch (cause) {
    throw new ConfigurationError(
      'option "providers" needs the package openid-client: npm install openid-client',
      { cause },
    );
  }
}
