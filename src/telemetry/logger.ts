import { destination, pino, stdTimeFunctions, type Logger } from 'pino';
import { LineBuffer } from './line-buffer.ts';

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

function logToDescriptor(fd: number): Logging {
  const descriptor = destination({ dest: fd, sync: false });
  const buffer = new LineBuffer(descriptor);
  process.once('exit', () => {
    buffer.release();
    descriptor.flushSync();
  });
  return {
    logger: pino(options, buffer),
    flush: () =>
      new Promise((resolve) => {
        buffer.release();
        descriptor.flush(() => {
          resolve();
        });
      }),
  };
}

/** Lines go out one by one: whoever hands us a stream of his own wants to see them. */
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
