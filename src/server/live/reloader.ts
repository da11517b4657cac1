import { InvalidFileError, renderProblem } from '../../errors.ts';
import { limits } from '../../limits.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { Metrics, ReloadSource } from '../../telemetry/metrics.ts';

/** Files that belong together and are taken over together. */
export interface WatchedSource {
  readonly name: ReloadSource;
  /** Reads the files; nothing is in force yet. */
  read(): Promise<SourceContent>;
}

export interface SourceContent {
  /** Equal texts mean that nothing changed. */
  readonly fingerprint: string;
  /** Checks the content and puts it in force as a whole, or throws and changes nothing. */
  apply(): void | Promise<void>;
}

/**
 * Keeps what is in force equal to the files. The contents are compared, not times or events: mounted
 * ConfigMaps change by a symbolic link being turned, which file watching does not report reliably.
 */
export class Reloader {
  readonly #sources: readonly WatchedSource[];
  readonly #metrics: Metrics;
  readonly #logger: Logger;
  readonly #seen = new Map<WatchedSource, string>();
  #running: Promise<void> = Promise.resolve();

  constructor(
    sources: readonly WatchedSource[],
    { metrics, logger }: { readonly metrics: Metrics; readonly logger: Logger },
  ) {
    this.#sources = sources;
    this.#metrics = metrics;
    this.#logger = logger;
  }

  /** Reads everything for the first time. @throws what is wrong with it; there is nothing to fall back on */
  async load(): Promise<void> {
    for (const source of this.#sources) {
      const content = await source.read();
      await content.apply();
      this.#seen.set(source, content.fingerprint);
    }
  }

  /** Looks at the files again and takes over what changed; a bad change is refused and reported. */
  reload(): Promise<void> {
    this.#running = this.#running.then(() => this.#reloadAll());
    return this.#running;
  }

  /** Reloads again and again until the returned function is called. */
  start(): () => void {
    const timer = setInterval(() => void this.reload(), limits.reloadIntervalMilliseconds);
    timer.unref();
    return () => {
      clearInterval(timer);
    };
  }

  async #reloadAll(): Promise<void> {
    for (const source of this.#sources) await this.#reloadOne(source);
  }

  async #reloadOne(source: WatchedSource): Promise<void> {
    let fingerprint: string | undefined;
    try {
      const content = await source.read();
      fingerprint = content.fingerprint;
      if (fingerprint === this.#seen.get(source)) return;
      await content.apply();
      this.#metrics.countReload(source.name, true);
      this.#logger.info({ source: source.name }, 'reloaded');
    } catch (error) {
      // A problem is reported once, not at every look.
      fingerprint ??= `unreadable: ${String(error)}`;
      if (fingerprint === this.#seen.get(source)) return;
      this.#metrics.countReload(source.name, false);
      this.#logger.error({ source: source.name, ...describe(error) }, 'reload refused');
    }
    this.#seen.set(source, fingerprint);
  }
}

function describe(error: unknown): object {
  if (!(error instanceof InvalidFileError)) return { err: error };
  const shown = error.problems.slice(0, limits.maxReportedViolations).map(renderProblem);
  return { problems: shown, problemCount: error.problems.length };
}
