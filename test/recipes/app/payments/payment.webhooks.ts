import { Body, Controller, HttpCode, Injectable, Post } from '@nestjs/common';
import { OnEvent } from '@nestjs/event-emitter';
import { type AccountLinkedEvent, EVENTS, LinkingService, Public } from '../../../../src/index.js';

/** Your client of the payment service, and your tables. */
@Injectable()
export abstract class Billing {
  abstract verified(body: unknown): Promise<{ eventId: string; userId: string }>;
  abstract credit(userId: string, eventId: string): Promise<void>;
  abstract reassignCustomers(from: string, to: string, idempotencyKey: string): Promise<void>;
}

@Controller('webhooks/payments')
export class PaymentWebhooks {
  constructor(
    private readonly billing: Billing,
    private readonly linking: LinkingService,
  ) {}

  @Post()
  @Public()
  @HttpCode(200)
  async receive(@Body() body: unknown): Promise<void> {
    const { eventId, userId } = await this.billing.verified(body);
    const current = await this.linking.resolve(userId);
    if (current !== null) await this.billing.credit(current, eventId);
  }

  @OnEvent(EVENTS.accountLinked, { suppressErrors: false })
  async follow({ linkId, guestId, accountId }: AccountLinkedEvent): Promise<void> {
    await this.billing.reassignCustomers(guestId, accountId, linkId);
  }
}
