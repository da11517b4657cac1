import type { Output } from '../io.ts';

/** Short work needs no progress. */
const silentMilliseconds = 1_000;
/** Often enough to look alive, seldom enough to cost nothing. */
const stepMilliseconds = 200;

const eraseLine = '\r\u001B[K';

/** "checking 120 of 4000" on stderr, for people only, and gone when it is done. */
export class Progress {
  readonly #output: Output;
  readonly #total: number;
  #done = 0;
  #next = performance.now() + silentMilliseconds;
  #isShown = false;

  constructor(output: Output, total: number) {
    this.#output = output;
    this.#total = total;
  }

  step(): void {
    this.#done++;
    if (!this.#output.isTerminal || performance.now() < this.#next) return;
    this.#next = performance.now() + stepMilliseconds;
    this.#isShown = true;
    this.#output.write(`${eraseLine}checking ${this.#done} of ${this.#total}`);
  }

  end(): void {
    if (this.#isShown) this.#output.write(eraseLine);
  }
}
