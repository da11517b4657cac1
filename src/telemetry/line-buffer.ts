/** Where finished text goes; pino's asynchronous destination, or any stream. */
export interface TextTarget {
  write(text: string): unknown;
}

/** Lines are written together once they fill this; a decision line has around 300 bytes. */
const maxBufferedCharacters = 8 * 1024;

/** … and at the latest after this time, so that the log of a quiet server is current. */
const maxBufferedMilliseconds = 250;

/**
 * Gathers log lines and hands them on in blocks: one write for some thirty lines costs a tenth of
 * thirty writes.
 */
export class LineBuffer {
  readonly #target: TextTarget;
  #lines = '';
  #timer: NodeJS.Timeout | undefined;

  constructor(target: TextTarget) {
    this.#target = target;
  }

  write(line: string): void {
    this.#lines += line;
    if (this.#lines.length >= maxBufferedCharacters) this.release();
    else
      this.#timer ??= setTimeout(() => {
        this.release();
      }, maxBufferedMilliseconds).unref();
  }

  /** Hands on what there is. */
  release(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#lines === '') return;
    const lines = this.#lines;
    this.#lines = '';
    this.#target.write(lines);
  }
}
