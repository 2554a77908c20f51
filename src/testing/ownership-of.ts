import type { OwnershipMap } from '../linking/ownership/ownership-map.js';
import type { OwnershipService } from '../linking/ownership/ownership.service.js';
import { TestKitError } from './kit-error.js';

/** @throws TestKitError when the app has not started. */
export function mapOf(ownership: OwnershipService): OwnershipMap {
  try {
    return ownership.map;
  } catch (error) {
    throw new TestKitError('the app has not started. Call `await app.init()` first.', {
      cause: error,
    });
  }
}
