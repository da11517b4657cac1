import type { Io, Output } from './io.ts';

/** The running process as a command sees it. */
export function processIo(): Io {
  return {
    stdout: outputTo(process.stdout),
    stderr: outputTo(process.stderr),
    async readStdin() {
      // Loaded only when something is piped in: a short command spends most of its time on starting.
      const { text } = await import('node:stream/consumers');
      return text(process.stdin);
    },
    env: process.env,
    directory: process.cwd(),
    now: () => new Date(),
  };
}

function outputTo(stream: NodeJS.WriteStream): Output {
  // The reader has closed the pipe (`check … | head`), so the output is incomplete and unread.
  stream.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code === 'EPIPE') process.exit(2);
  });
  return { write: (chunk) => void stream.write(chunk), isTerminal: stream.isTTY };
}
