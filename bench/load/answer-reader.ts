/** Tells where one HTTP answer ends. Requests are not pipelined, so nothing follows it. */
export class AnswerReader {
  private received: Buffer = Buffer.alloc(0);

  /** @returns the status once the answer is complete. */
  read(chunk: Buffer): number | undefined {
    this.received = this.received.length === 0 ? chunk : Buffer.concat([this.received, chunk]);
    const head = this.received.indexOf('\r\n\r\n');
    if (head < 0 || !this.isComplete(head)) return undefined;
    const status = Number(this.received.toString('latin1', 9, 12));
    this.received = Buffer.alloc(0);
    return status;
  }

  private isComplete(head: number): boolean {
    const headers = this.received.toString('latin1', 0, head);
    const length = /\r\ncontent-length: *(\d+)/i.exec(headers)?.[1];
    if (length !== undefined) return this.received.length >= head + 4 + Number(length);
    if (/\r\ntransfer-encoding: *chunked/i.test(headers)) {
      return this.received.toString('latin1', this.received.length - 7).endsWith('\r\n0\r\n\r\n');
    }
    throw new Error(`an answer without a length: ${headers}`);
  }
}
