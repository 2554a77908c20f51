import { Injectable, Logger, Optional } from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';

/**
 * Tells the host what has happened, through `@nestjs/event-emitter` when the host has imported its module. Called only
 * after the commit, so nobody hears of work that was rolled back; a listener can neither undo nor delay it.
 */
@Injectable()
export class DomainEvents {
  private readonly logger = new Logger(DomainEvents.name);

  constructor(@Optional() private readonly emitter?: EventEmitter2) {}

  /** Delivers without waiting. */
  emit(name: string, payload: object): void {
    void this.deliver(name, payload);
  }

  /** Answers whether every listener that does not suppress its errors has succeeded. */
  async deliver(name: string, payload: object): Promise<boolean> {
    try {
      await this.emitter?.emitAsync(name, payload);
      return true;
    } catch (error) {
      this.logger.error(`A listener of "${name}" failed.`, error);
      return false;
    }
  }
}
