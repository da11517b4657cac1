import type { JsonRecord } from '../admission/json.ts';
import { limits } from '../limits.ts';
import { backoffMilliseconds } from './backoff.ts';
import type { Cluster } from './cluster.ts';
import { ClusterError, isGone } from './cluster-error.ts';
import { listObjects, nameOf, type ObjectSet } from './list-objects.ts';
import { pause as realPause, type Pause } from './pause.ts';
import { watchObjects, type WatchEvent } from './watch-objects.ts';

/** What is mirrored, and what is called on changes and errors. */
export interface ReflectorOptions<Item> extends ObjectSet {
  readonly cluster: Cluster;
  /** What is kept of an object, given what was kept before under its name; throws nothing. */
  readonly keep: (object: JsonRecord, before: Item | undefined) => Item;
  /** Called when the items may have changed. */
  readonly onChange?: () => void;
  readonly onError?: (error: unknown, failuresInARow: number) => void;
  readonly timing?: Partial<ReflectorTiming>;
}

/** Time and chance; all of it has a default that suits a server. */
export interface ReflectorTiming {
  readonly now: () => number;
  readonly random: () => number;
  readonly pause: Pause;
  readonly watchSeconds: number;
  readonly watchGraceMilliseconds: number;
  readonly minMilliseconds: number;
  readonly maxMilliseconds: number;
  readonly freshnessMilliseconds: number;
}

const realTiming: ReflectorTiming = {
  now: Date.now,
  random: Math.random,
  pause: realPause,
  watchSeconds: limits.watchSeconds,
  watchGraceMilliseconds: limits.watchGraceMilliseconds,
  minMilliseconds: limits.minBackoffMilliseconds,
  maxMilliseconds: limits.maxBackoffMilliseconds,
  freshnessMilliseconds: limits.freshnessMilliseconds,
};

/** Shorter watches do not show that the server is healthy: something in between closes them. */
const minWatchMilliseconds = 1_000;

/** By how much the server's clock may be ahead of ours during one watch. */
const roundingMilliseconds = 500;

/**
 * A mirror of all objects of one cluster-scoped resource: a list, then watches from where it ended.
 *
 * The client library's informer is not used: it does not request bookmarks, gives up at any error but
 * 410 and its own time-out, does not say when it last heard from the server, and cannot be told to list
 * again.
 *
 * The age of the mirror is known. It is proven complete by a list (as of the time of its request), by
 * an event or bookmark, and by the end of a watch at the time that was agreed with the server.
 * Bookmarks alone are not enough: they come about once a minute, and 2 s before the agreed end, but
 * kube-apiserver (seen with 1.36) sends none before its cache has moved on from our list, which for
 * a quiet resource may take minutes. Hence watches of half a minute: a server that can be reached
 * keeps the mirror fresh with at most four requests a minute, and a silent connection is given up
 * after one watch, for a list.
 */
export class Reflector<Item> {
  readonly #options: ReflectorOptions<Item>;
  readonly #timing: ReflectorTiming;
  #items = new Map<string, Item>();
  /** Where the next watch starts; undefined when a list must come first. */
  #resourceVersion: string | undefined;
  #provenAt = Number.NEGATIVE_INFINITY;
  #isLoaded = false;
  #failures = 0;
  readonly #ending = new AbortController();
  /** Ends what the loop is waiting for: a watch, or the pause after a failure. */
  #turn = new AbortController();
  #failed: { readonly error: Error; readonly at: number } | undefined;
  #asked: PromiseWithResolvers<void> | undefined;
  #running: Promise<void> | undefined;

  constructor(options: ReflectorOptions<Item>) {
    this.#options = options;
    this.#timing = { ...realTiming, ...options.timing };
  }

  /** By name. Empty until the first list has come. */
  get items(): ReadonlyMap<string, Item> {
    return this.#items;
  }

  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  /** Until when the items are known to be all there are; milliseconds since 1970, -Infinity before the first list. */
  get provenAt(): number {
    return this.#provenAt;
  }

  /** False when something may have changed that we have not heard of. */
  get isFresh(): boolean {
    const age = this.#timing.now() - this.#provenAt;
    // A clock that was set back makes the age negative; nothing is proven then.
    return age >= 0 && age <= this.#timing.freshnessMilliseconds;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Ends the connection; the items stay as they are. */
  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#running;
  }

  /**
   * Lists now, whatever the loop is waiting for. Concurrent callers share one list and, right after a
   * failed one, its error, so that a dead server is not asked once per request.
   * @throws what the list failed with
   */
  refresh(): Promise<void> {
    if (this.#ending.signal.aborted) return Promise.reject(new ClusterError('stopped'));
    if (this.#asked === undefined) {
      const sinceFailure = this.#timing.now() - (this.#failed?.at ?? Number.NEGATIVE_INFINITY);
      if (this.#failed && sinceFailure < this.#timing.minMilliseconds) {
        return Promise.reject(this.#failed.error);
      }
      this.#asked = Promise.withResolvers();
      // Whoever asked may have stopped waiting; that must not end the process.
      this.#asked.promise.catch(() => undefined);
      this.#resourceVersion = undefined;
      // A list under way is as good as a new one, and is not ended by this.
      this.#turn.abort();
    }
    return this.#asked.promise;
  }

  async #run(): Promise<void> {
    while (!this.#isEnding()) {
      this.#turn = new AbortController();
      const turn = this.#turn.signal;
      const version = this.#resourceVersion;
      try {
        if (version === undefined) await this.#list();
        else await this.#watch(version);
      } catch (error) {
        // A watch that we ended ourselves shows as a failed connection.
        const isOurs = this.#isEnding() || (version !== undefined && turn.aborted);
        if (!isOurs) await this.#recover(error);
      }
    }
    this.#asked?.reject(new ClusterError('stopped'));
  }

  #isEnding(): boolean {
    return this.#ending.signal.aborted;
  }

  async #recover(error: unknown): Promise<void> {
    this.#failures += 1;
    this.#options.onError?.(error, this.#failures);
    // Not the signal of what failed: a refresh may have ended that, and must end this pause, too.
    this.#turn = new AbortController();
    // Requested after the failure, when nothing listened to the signal.
    if (this.#asked !== undefined) return;
    const signal = AbortSignal.any([this.#ending.signal, this.#turn.signal]);
    await this.#timing.pause(backoffMilliseconds(this.#failures, this.#timing), signal);
  }

  async #list(): Promise<void> {
    const askedAt = this.#timing.now();
    const items = new Map<string, Item>();
    try {
      this.#resourceVersion = await listObjects(this.#options.cluster, this.#options, {
        take: (object) => {
          items.set(nameOf(object), this.#keep(object));
        },
        signal: this.#ending.signal,
      });
    } catch (error) {
      this.#failed = { error: asError(error), at: this.#timing.now() };
      this.#asked?.reject(this.#failed.error);
      this.#asked = undefined;
      throw error;
    }
    this.#items = items;
    this.#provenAt = askedAt;
    this.#isLoaded = true;
    this.#options.onChange?.();
    this.#asked?.resolve();
    this.#asked = undefined;
  }

  /** Ends when the server ends it; a watch that was no good throws. */
  async #watch(version: string): Promise<void> {
    const { watchSeconds, watchGraceMilliseconds, now } = this.#timing;
    const startedAt = now();
    const turn = this.#turn.signal;
    const silence = AbortSignal.timeout(watchSeconds * 1000 + watchGraceMilliseconds);
    let hasProof = false;
    try {
      for await (const event of watchObjects(this.#options.cluster, this.#options, {
        version,
        seconds: watchSeconds,
        signal: AbortSignal.any([this.#ending.signal, turn, silence]),
      })) {
        // What a refresh has called off must not be taken up again.
        if (turn.aborted) return;
        this.#apply(event);
        hasProof = true;
        this.#provenAt = now();
      }
    } catch (error) {
      if (!hasProof || isGone(error)) this.#resourceVersion = undefined;
      throw error;
    }
    const lasted = now() - startedAt;
    const isWhole = lasted >= watchSeconds * 1000 - roundingMilliseconds;
    if (isWhole) this.#provenAt = now();
    if (!isWhole && !hasProof) this.#resourceVersion = undefined;
    if (lasted < minWatchMilliseconds) {
      throw new ClusterError(`the watch of ${this.#options.path} ended after ${lasted} ms`);
    }
    this.#failures = 0;
  }

  #apply(event: WatchEvent): void {
    this.#resourceVersion = event.version;
    if (event.kind === 'bookmark') return;
    if (event.kind === 'deleted') this.#items.delete(event.name);
    else this.#items.set(nameOf(event.object), this.#keep(event.object));
    this.#options.onChange?.();
  }

  #keep(object: JsonRecord): Item {
    return this.#options.keep(object, this.#items.get(nameOf(object)));
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new ClusterError(String(error));
}
