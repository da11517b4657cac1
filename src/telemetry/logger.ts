import { destination, pino, stdTimeFunctions, type Logger } from 'pino';

export type { Logger };

/** A logger and the way to get everything it was told out of the door. */
export interface Logging {
  readonly logger: Logger;
  flush(): Promise<void>;
}

/**
 * JSON lines on `stdout`. A real file descriptor is written to asynchronously and in blocks, so that a
 * slow reader of the log never holds up an answer; what is left when the process exits is written then.
 */
export function createLogging(stdout: NodeJS.WritableStream): Logging {
  const fd = 'fd' in stdout && typeof stdout.fd === 'number' ? stdout.fd : undefined;
  return fd === undefined ? logToStream(stdout) : logToDescriptor(fd);
}

const options = {
  base: null,
  timestamp: stdTimeFunctions.isoTime,
  formatters: { level: (level: string) => ({ level }) },
};

/** Lines are written together once they fill this; a decision line has around 300 bytes. */
const blockBytes = 8 * 1024;

/** … and at the latest after this time, so that the log of a quiet server is current. */
const flushMilliseconds = 250;

function logToDescriptor(fd: number): Logging {
  const descriptor = destination({
    dest: fd,
    sync: false,
    minLength: blockBytes,
    periodicFlush: flushMilliseconds,
  });
  process.once('exit', () => {
    descriptor.flushSync();
  });
  return {
    logger: pino(options, descriptor),
    flush: () =>
      new Promise((resolve) => {
        descriptor.flush(() => {
          resolve();
        });
      }),
  };
}

/** Lines go out one by one, because a caller with a stream of its own wants to see them. */
function logToStream(stream: NodeJS.WritableStream): Logging {
  return {
    logger: pino(options, { write: (line) => void stream.write(line) }),
    flush: () =>
      new Promise((resolve) => {
        stream.write('', () => {
          resolve();
        });
      }),
  };
}
