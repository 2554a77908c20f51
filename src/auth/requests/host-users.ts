import { Injectable } from '@nestjs/common';

/** Whom guards of the host have let in, on the routes where they are asked before us. */
@Injectable()
export class HostUsers {
  private readonly asked = new WeakMap<object, boolean>();

  note(request: object, isLetIn: boolean): void {
    this.asked.set(request, isLetIn);
  }

  /** Whether a guard of the host has been asked about this request. */
  isAsked(request: object): boolean {
    return this.asked.has(request);
  }

  /** Whether `request.user` is the host's, so that our credentials on the request do not count. */
  has(request: object): boolean {
    return this.asked.get(request) === true;
  }
}
