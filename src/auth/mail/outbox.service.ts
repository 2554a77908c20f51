import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { AnonymousException } from '../../common/errors.js';
import { MAIL_SETTINGS, type MailSettings } from './mail.settings.js';
import { Mailer, type MailMessage } from './mailer.js';
import { SmtpMailer } from './smtp.mailer.js';
import { atMost, reasonOf } from './trouble.js';

const MOST_WAITING = 1_000;
const MOST_AT_ONCE = 5;
const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 30_000;
/** A mailer that has not answered by then is taken to have failed. */
const PATIENCE_MS = 30_000;
const LAST_CHANCE_MS = 5_000;

interface Letter {
  readonly message: MailMessage;
  readonly expiresAt: number;
  failures: number;
}

/**
 * Sends mail off the path of requests, and again when it fails, for as long as what it says is good for. In memory: what is
 * in it is a secret that the database must not hold. Whoever waits for mail that a crash has lost asks again.
 */
@Injectable()
export class Outbox implements OnApplicationShutdown {
  private readonly logger = new Logger(Outbox.name);
  private readonly ready: Letter[] = [];
  private readonly resting = new Map<Letter, NodeJS.Timeout>();
  private readonly underWay = new Set<Promise<void>>();
  private isClosing = false;

  constructor(
    @Inject(MAIL_SETTINGS) private readonly settings: MailSettings,
    private readonly mailer: Mailer,
  ) {}

  /** Whether there is anybody to hand mail to. */
  get isOpen(): boolean {
    return this.settings.smtp !== undefined || !(this.mailer instanceof SmtpMailer);
  }

  /**
   * Takes a mail and answers at once.
   * @param usefulForMs how long it makes sense to deliver it.
   * @throws AnonymousException `TEMPORARILY_UNAVAILABLE` when too many wait.
   */
  post(message: MailMessage, usefulForMs: number): void {
    this.checkRoom();
    this.ready.push({ message, expiresAt: performance.now() + usefulForMs, failures: 0 });
    setImmediate(() => this.next());
  }

  /**
   * For whoever may or may not have a mail to post, and must not show which.
   * @throws AnonymousException `TEMPORARILY_UNAVAILABLE` when too many wait.
   */
  checkRoom(): void {
    if (this.isClosing || this.size >= MOST_WAITING) {
      throw new AnonymousException('TEMPORARILY_UNAVAILABLE', { cause: 'the outbox is full' });
    }
  }

  /** Gives everything that waits one more chance, for a short time. */
  async onApplicationShutdown(): Promise<void> {
    this.isClosing = true;
    for (const [letter, timer] of this.resting) {
      clearTimeout(timer);
      this.ready.push(letter);
    }
    this.resting.clear();
    await atMost(LAST_CHANCE_MS, this.drain()).catch(() => undefined);
    if (this.size > 0) this.logger.error(`Not sent before the end: ${this.size} mails.`);
  }

  private get size(): number {
    return this.ready.length + this.resting.size + this.underWay.size;
  }

  private async drain(): Promise<void> {
    for (this.next(); this.underWay.size > 0;) await Promise.all(this.underWay);
  }

  private next(): void {
    while (this.underWay.size < MOST_AT_ONCE) {
      const letter = this.ready.shift();
      if (!letter) return;
      const delivery = this.deliver(letter).finally(() => {
        this.underWay.delete(delivery);
        this.next();
      });
      this.underWay.add(delivery);
    }
  }

  private async deliver(letter: Letter): Promise<void> {
    const isLastChance = this.isClosing;
    try {
      await atMost(PATIENCE_MS, this.mailer.send(letter.message));
    } catch (error) {
      if (this.isClosing && !isLastChance) this.ready.push(letter);
      else this.putOff(letter, reasonOf(error));
    }
  }

  /** A mail that rests keeps nobody else's waiting. */
  private putOff(letter: Letter, reason: string): void {
    const delayMs = Math.min(FIRST_DELAY_MS * 2 ** letter.failures, LONGEST_DELAY_MS);
    letter.failures += 1;
    if (this.isClosing || performance.now() + delayMs > letter.expiresAt) {
      this.logger.error(`A mail was given up: ${reason}`);
      return;
    }
    this.logger.warn(`A mail is sent again later: ${reason}`);
    const timer = setTimeout(() => {
      this.resting.delete(letter);
      this.ready.push(letter);
      this.next();
    }, delayMs);
    this.resting.set(letter, timer.unref());
  }
}
