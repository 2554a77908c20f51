import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { AnonymousException } from '../../common/errors.js';
import { loadClientLibrary } from './client-library.js';
import { OIDC_SETTINGS, type OidcSettings } from './oidc.settings.js';
import { ProviderClient } from './provider-client.js';

/** The providers that people can sign in with. None is asked anything before somebody wants to. */
@Injectable()
export class ProvidersService implements OnModuleInit {
  private readonly clients = new Map<string, ProviderClient>();

  constructor(@Inject(OIDC_SETTINGS) private readonly settings: OidcSettings) {}

  /** @throws ConfigurationError when the package that speaks the protocol is not installed. */
  async onModuleInit(): Promise<void> {
    if (this.settings.length === 0) return;
    const library = await loadClientLibrary();
    for (const provider of this.settings) {
      this.clients.set(provider.id, new ProviderClient(provider, library));
    }
  }

  /** @throws AnonymousException `PROVIDER_NOT_FOUND` */
  get(id: string): ProviderClient {
    const client = this.clients.get(id);
    if (!client) throw new AnonymousException('PROVIDER_NOT_FOUND');
    return client;
  }
}
