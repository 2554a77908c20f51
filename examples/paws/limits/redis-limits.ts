import { ThrottlerStorageRedisService } from '@nest-lab/throttler-storage-redis';
import { Logger } from '@nestjs/common';
import { Redis } from 'ioredis';

/** Counts of clients that all instances share. While Redis is away each instance counts by itself. */
export class RedisLimits extends ThrottlerStorageRedisService {
  constructor(url: string) {
    const redis = new Redis(url, { maxRetriesPerRequest: 1 });
    // Without a listener every attempt to connect is printed.
    redis.on('error', (error: Error) => new Logger('Redis').debug(error.message));
    super(redis);
    this.disconnectRequired = true;
  }
}
