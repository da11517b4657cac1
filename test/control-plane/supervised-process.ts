import { setTimeout as delay } from 'node:timers/promises';

import { runProgram, type Program, type Run } from './program.ts';

/** How patient to be; everything has a default that suits a busy machine. */
export interface Patience {
  /** How often a program is started before giving up. */
  readonly starts: number;
  /** How long a program may take to become ready before it is ended and started again. */
  readonly readyMilliseconds: number;
  /** The pause before the second start; each further one is twice as long. */
  readonly pauseMilliseconds: number;
  readonly pollMilliseconds: number;
  /** Takes a sentence about each program that ended by itself; by default they go to stderr. */
  readonly report: (text: string) => void;
}

/** Times are reached only when something is broken: kube-apiserver needs two seconds on an idle machine. */
const DEFAULT_PATIENCE: Patience = {
  starts: 5,
  readyMilliseconds: 150_000,
  pauseMilliseconds: 500,
  pollMilliseconds: 100,
  report: (text) => process.stderr.write(`\n!!! ${text}\n`),
};

/**
 * A program that is kept running as a kubelet keeps a static pod: when it ends by itself or does not
 * become ready it is started again, after a pause that grows. Programs of a control plane rely on that:
 * kube-apiserver, for one, ends itself when a step of its start takes longer than half a minute.
 */
export class SupervisedProcess {
  readonly #program: Program;
  readonly #patience: Patience;
  #run: Run | undefined;
  /** From `start` to `kill`. */
  #life = new AbortController();

  constructor(program: Program, patience: Partial<Patience> = {}) {
    this.#program = program;
    this.#patience = { ...DEFAULT_PATIENCE, ...patience };
  }

  /**
   * Resolves when the program is ready.
   * @throws Error with the output of every start when it never becomes ready
   */
  async start(): Promise<void> {
    this.#life = new AbortController();
    await this.#startUntilReady(this.#life.signal);
    void this.#keepRunning(this.#life.signal);
  }

  /** Ends it without warning; it is not started again before `start` is called. */
  async kill(): Promise<void> {
    this.#life.abort();
    await this.#run?.kill();
  }

  /** Stops it where it is: connections stay open, and nobody answers. */
  freeze(): void {
    this.#run?.signal('SIGSTOP');
  }

  thaw(): void {
    this.#run?.signal('SIGCONT');
  }

  /** The end of what its latest run has printed. */
  get output(): string {
    return this.#run?.output() ?? '';
  }

  async #startUntilReady(life: AbortSignal): Promise<void> {
    const { name } = this.#program;
    const { starts, pauseMilliseconds } = this.#patience;
    const failures: string[] = [];
    for (let count = 0; count < starts; count++) {
      if (count > 0) await delay(pauseMilliseconds * 2 ** (count - 1), undefined, { signal: life });
      const run = runProgram(this.#program);
      this.#run = run;
      const problem = await this.#problemOf(run, life);
      if (problem === undefined) return;
      await run.kill();
      life.throwIfAborted();
      failures.push(`start ${count + 1}: ${problem}, after printing:\n${run.output()}`);
    }
    throw new Error(`${name} does not run:\n${failures.join('\n')}`);
  }

  /** Waits until the program is ready, or says why that is no longer to be expected. */
  async #problemOf(run: Run, life: AbortSignal): Promise<string | undefined> {
    const { readyMilliseconds, pollMilliseconds } = this.#patience;
    const limit = AbortSignal.timeout(readyMilliseconds);
    const problem = Promise.race([
      run.ended.then((how) => `it ended with ${how}`),
      aborted(AbortSignal.any([life, limit])).then(
        () => `it was not ready within ${readyMilliseconds / 1000} s`,
      ),
    ]);
    for (;;) {
      const isReady = this.#program.isReady().catch(() => false);
      const answer = await Promise.race([problem, isReady]);
      if (typeof answer === 'string') return answer;
      if (answer) return undefined;
      await Promise.race([problem, delay(pollMilliseconds)]);
    }
  }

  async #keepRunning(life: AbortSignal): Promise<void> {
    const { name } = this.#program;
    const { report } = this.#patience;
    try {
      for (;;) {
        const run = this.#run;
        const how = await run?.ended;
        if (life.aborted) return;
        report(
          `${name} ended by itself with ${how}; starting it again. It had printed:\n${run?.output()}`,
        );
        await this.#startUntilReady(life);
      }
    } catch (error) {
      if (!life.aborted) report(String(error));
    }
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else
      signal.addEventListener(
        'abort',
        () => {
          resolve();
        },
        { once: true },
      );
  });
}
