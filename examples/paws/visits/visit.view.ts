import { ApiProperty } from '@nestjs/swagger';
import type { VisitLog } from './visit-log.js';

export class VisitView {
  @ApiProperty({ format: 'uuid' })
  readonly venueId!: string;

  @ApiProperty({ format: 'date-time' })
  readonly visitedAt!: string;
}

export function visitView({ venueId, visitedAt }: VisitLog): VisitView {
  return { venueId, visitedAt: visitedAt.toISOString() };
}
