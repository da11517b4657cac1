import { destination, pino, stdTimeFunctions, type DestinationStream, type Logger } from 'pino';

export type { Logger };

/** The one spelling of what log lines are about; every field is optional, none is ever an object. */
export interface LogFields {
  /** The review's uid. */
  readonly uid?: string;
  /** A rule's id. */
  readonly rule?: string;
  readonly tenant?: string;
  /** "group/version/resource", with the subresource as a fourth part. */
  readonly gvr?: string;
  readonly namespace?: string;
  readonly name?: string;
  /** The caller's user name. */
  readonly user?: string;
  /** Milliseconds something took. */
  readonly ms?: number;
}

/** A logger and the way to get everything it was told out of the door. */
export interface Logging {
  readonly logger: Logger;
  flush(): Promise<void>;
}

/** Lines are written together once they fill this; a decision line has around 300 bytes. */
const minWriteBytes = 8 * 1024;

/** … and at the latest after this time, so that a quiet server's log is current. */
const flushIntervalMilliseconds = 250;

/**
 * JSON lines on `stdout`. A real file descriptor is written to asynchronously and in blocks, so that a
 * slow reader of the log never holds up an answer; pino writes out the rest when the process exits.
 */
export function createLogging(stdout: NodeJS.WritableStream): Logging {
  const fd = 'fd' in stdout && typeof stdout.fd === 'number' ? stdout.fd : undefined;
  if (fd === undefined) {
    const stream: DestinationStream = { write: (line) => void stdout.write(line) };
    return { logger: pino(options, stream), flush: () => flushStream(stdout) };
  }
  const stream = destination({
    dest: fd,
    sync: false,
    minLength: minWriteBytes,
    periodicFlush: flushIntervalMilliseconds,
  });
  return {
    logger: pino(options, stream),
    flush: () =>
      new Promise((resolve) => {
        stream.flush(() => {
          resolve();
        });
      }),
  };
}

const options = {
  base: null,
  timestamp: stdTimeFunctions.isoTime,
  formatters: { level: (level: string) => ({ level }) },
};

function flushStream(stream: NodeJS.WritableStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => {
      resolve();
    });
  });
}
