import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { text } from 'node:stream/consumers';

/** A mail as it went over the wire, its lines joined again. */
export interface ReceivedMail {
  readonly from: string;
  readonly to: string[];
  readonly source: string;
}

/** A real SMTP server that keeps what it gets. */
export class MailServer {
  readonly mails: ReceivedMail[] = [];
  /** How many of the next mails it does not take. */
  refusals = 0;
  /** Mails wait for this before they are taken. */
  hold: Promise<void> = Promise.resolve();

  private constructor(private readonly server: SMTPServer) {}

  static async start(): Promise<MailServer> {
    const smtp = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS', 'AUTH'],
      closeTimeout: 100,
      onData: (stream, session, done) => {
        const { mailFrom, rcptTo } = session.envelope;
        void text(stream).then(async (raw) => {
          await server.hold;
          if (server.refusals > 0) {
            server.refusals -= 1;
            return done(Object.assign(new Error('busy'), { responseCode: 451 }));
          }
          server.mails.push({
            from: mailFrom ? mailFrom.address : '',
            to: rcptTo.map(({ address }) => address),
            source: decoded(raw),
          });
          return done();
        });
      },
    });
    const server = new MailServer(smtp);
    await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get url(): string {
    const { port } = this.server.server.address() as AddressInfo;
    return `smtp://127.0.0.1:${port}`;
  }

  stop(): Promise<void> {
    return new Promise((resolve) => this.server.close(resolve));
  }
}

/** Quoted-printable, as mail of plain letters comes. */
function decoded(raw: string): string {
  return raw
    .replaceAll(/=\r\n/g, '')
    .replaceAll(/=([0-9A-F]{2})/g, (_, code: string) => String.fromCharCode(parseInt(code, 16)))
    .replaceAll('\r\n', '\n');
}
