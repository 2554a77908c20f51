import { Injectable, ServiceUnavailableException } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { DataSource } from 'typeorm';

export class HealthView {
  @ApiProperty({ enum: ['ok'] })
  readonly status!: 'ok';
}

@Injectable()
export class HealthService {
  constructor(private readonly dataSource: DataSource) {}

  /** @throws ServiceUnavailableException `DATABASE_DOWN` */
  async check(): Promise<HealthView> {
    try {
      await this.dataSource.query('SELECT 1');
      return { status: 'ok' };
    } catch (cause) {
      const message = 'The database does not answer.';
      throw new ServiceUnavailableException(
        { statusCode: 503, code: 'DATABASE_DOWN', message },
        { cause },
      );
    }
  }
}
