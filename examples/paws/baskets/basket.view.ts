import { ApiProperty } from '@nestjs/swagger';

export class BasketLine {
  @ApiProperty({ example: 'ball' })
  readonly sku!: string;

  @ApiProperty({ example: 2, type: 'integer' })
  readonly quantity!: number;
}

export class BasketView {
  @ApiProperty({ type: [BasketLine] })
  readonly items!: BasketLine[];
}

export class OrderView {
  @ApiProperty({ type: [BasketLine] })
  readonly ordered!: BasketLine[];
}
