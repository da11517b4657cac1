import type { IncomingMessage } from 'node:http';
import { getRawBody } from 'raw-body';
import { startCharacters, uidAtStart } from '../../admission/uid-at-start.ts';
import { limits } from '../../limits.ts';
import { TooMuchError } from '../../errors.ts';
import type { BodyShare } from './body-part.ts';
import { CallerLeftError, OverloadedError } from './failures.ts';

/**
 * The whole body as text. Reading stops at the limit, whatever length was announced, and where the budget
 * of all bodies ends.
 * @throws TooMuchError above the limit; OverloadedError when there is no room for it;
 * CallerLeftError when the rest never comes
 */
export function readBody(incoming: IncomingMessage, share: BodyShare): Promise<string> {
  return new Promise((resolve, reject) => {
    // The listener stays for good: an error after our answer must not bring the process down.
    incoming.on('error', () => undefined);
    const length = incoming.headers['content-length'];
    const limit = limits.maxBodyBytes;
    if (length !== undefined && Number(length) <= limit) share.announce(Number(length));
    const chunks = new CountedChunks(share);
    share.beginReading(() => {
      incoming.pause();
      chunks.drop();
      reject(new OverloadedError());
    });
    getRawBody(incoming, {
      length: length ?? null,
      limit,
      encoding: 'utf-8',
      decoder: () => chunks,
    }).then(resolve, (error: unknown) => {
      if (!isTooLarge(error)) {
        reject(inOurWords(error));
        return;
      }
      // What came along with the head has arrived by then, even if none of it was read.
      setImmediate(() => {
        reject(tooLarge(chunks.start || textOf(incoming.read())));
      });
    });
  });
}

/** Counts what arrives before it is kept; what it throws ends the reading. */
class CountedChunks {
  readonly #share: BodyShare;
  #chunks: Uint8Array[] = [];

  constructor(share: BodyShare) {
    this.#share = share;
  }

  /** The first characters of the body; "" when none of it was read. */
  get start(): string {
    return textOf(this.#chunks[0]);
  }

  write(chunk: Uint8Array): string {
    this.#share.take(chunk.length);
    this.#chunks.push(chunk);
    return '';
  }

  end(): string {
    this.#share.keep();
    const [first] = this.#chunks;
    const whole = this.#chunks.length === 1 && first ? first : Buffer.concat(this.#chunks);
    this.drop();
    return Buffer.from(whole.buffer, whole.byteOffset, whole.length).toString();
  }

  /** Frees the memory at once, and not only when the connection is closed. */
  drop(): void {
    this.#chunks = [];
  }
}

function inOurWords(error: unknown): Error {
  if (!(error instanceof Error)) return new Error('the body cannot be read', { cause: error });
  return isOfType(error, 'request.aborted')
    ? new CallerLeftError('the caller closed the connection before the end of the body')
    : error;
}

function isTooLarge(error: unknown): boolean {
  return error instanceof Error && isOfType(error, 'entity.too.large');
}

function isOfType(error: Error, type: string): boolean {
  return 'type' in error && error.type === type;
}

function tooLarge(start: string): TooMuchError {
  const message = `body: larger than ${limits.maxBodyBytes} bytes`;
  return new TooMuchError(message, { status: 413, uid: uidAtStart(start) });
}

/** The first characters of what was read. */
function textOf(chunk: unknown): string {
  return chunk instanceof Uint8Array
    ? Buffer.from(chunk.subarray(0, startCharacters)).toString()
    : '';
}
