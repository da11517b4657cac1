import type { IncomingMessage } from 'node:http';
import { limits } from '../../limits.ts';
import { MalformedRequestError } from '../../errors.ts';
import { CallerLeftError } from './failures.ts';

/**
 * The whole body as text. Reading stops at the limit, whatever length was announced.
 * @throws MalformedRequestError (413) above the limit; CallerLeftError when the rest never comes
 */
export function readBody(incoming: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const stop = (): void => {
      incoming.removeListener('data', take);
      incoming.pause();
      reject(new MalformedRequestError(`body: larger than ${limits.maxBodyBytes} bytes`, 413));
    };
    const take = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes > limits.maxBodyBytes) stop();
      else chunks.push(chunk);
    };
    const leave = (): void => {
      reject(new CallerLeftError('the caller closed the connection before the end of the body'));
    };
    // The listener stays for good: an error after our answer must not bring the process down.
    incoming.on('error', leave);
    if (Number(incoming.headers['content-length']) > limits.maxBodyBytes) {
      stop();
      return;
    }
    incoming.on('data', take);
    incoming.on('end', () => {
      const [first] = chunks;
      const isWhole = chunks.length === 1 && first !== undefined;
      resolve((isWhole ? first : Buffer.concat(chunks)).toString());
    });
  });
}
