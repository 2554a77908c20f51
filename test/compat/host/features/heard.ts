import { Injectable } from '@nestjs/common';
import { OnEvent } from '@nestjs/event-emitter';
import type { AccountLinkedEvent } from 'nestjs-anonymous';

/** What the host was told. */
@Injectable()
export class Heard {
  readonly folded: number[] = [];
  readonly linked: string[] = [];

  @OnEvent('account.linked', { suppressErrors: false })
  remember({ guestId }: AccountLinkedEvent): void {
    this.linked.push(guestId);
  }
}
