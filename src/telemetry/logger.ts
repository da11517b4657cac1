import { destination, pino, stdTimeFunctions, type Logger } from 'pino';
import { LineBuffer } from './line-buffer.ts';

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
