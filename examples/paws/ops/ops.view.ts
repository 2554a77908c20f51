import { ApiProperty } from '@nestjs/swagger';
import type { ClaimBucket, GuestDay, GuestTotals, OpenLink } from '../../../src/index.js';

/** Everything that the page shows of a period. */
export class FiguresView {
  @ApiProperty({ type: 'array', items: { type: 'object' } })
  readonly days!: readonly GuestDay[];

  @ApiProperty({ type: 'array', items: { type: 'object' } })
  readonly timeToClaim!: readonly ClaimBucket[];

  @ApiProperty({ type: 'object', additionalProperties: true })
  readonly guests!: GuestTotals;
}

export class OpenLinksView {
  @ApiProperty({ type: 'array', items: { type: 'object' } })
  readonly links!: readonly OpenLink[];
}

export class RetryView {
  @ApiProperty({ enum: ['pending'] })
  readonly status!: 'pending';
}
