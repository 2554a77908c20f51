import { Inject, Injectable } from '@nestjs/common';
import { LINKING_SETTINGS, type LinkingSettings } from '../linking.options.js';
import { type LinkDecision, LinkPolicy } from './link-policy.js';

/** The same for everybody: the option `linking.policy`. */
@Injectable()
export class FixedLinkPolicy extends LinkPolicy {
  constructor(@Inject(LINKING_SETTINGS) private readonly settings: LinkingSettings) {
    super();
  }

  override decide(): LinkDecision {
    return this.settings.policy;
  }
}
