import type { Io, Output } from './io.ts';

/** The running process as a command sees it. */
export function processIo(): Io {
  return {
    stdout: outputTo(process.stdout),
    stderr: outputTo(process.stderr),
    async readStdin() {
      // Loaded only by those who pipe something in: starting up is most of a short command.
      const { text } = await import('node:stream/consumers');
      return text(process.stdin);
    },
    env: process.env,
    directory: process.cwd(),
    now: () => new Date(),
  };
}

function outputTo(stream: NodeJS.WriteStream): Output {
  // The reader went away (`check … | head`): there is nobody left to tell, and the answer is not whole.
  stream.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code === 'EPIPE') process.exit(2);
  });
  return { write: (chunk) => void stream.write(chunk), isTerminal: stream.isTTY };
}
