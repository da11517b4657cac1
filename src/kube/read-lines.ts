import { ClusterError } from './cluster-error.ts';

/**
 * The lines of a stream, one by one. A rest without a line end is no line: the sender was cut off.
 * @throws ClusterError when a line is longer than `maxLineBytes`
 */
export async function* readLines(
  stream: AsyncIterable<unknown>,
  maxLineBytes: number,
): AsyncGenerator<string> {
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  for await (const chunk of stream) {
    if (!Buffer.isBuffer(chunk)) continue;
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      const line = Buffer.concat([...pending, chunk.subarray(start, end)]).toString();
      pending = [];
      pendingBytes = 0;
      start = end + 1;
      if (line.trim() !== '') yield line;
    }
    pending.push(chunk.subarray(start));
    pendingBytes += chunk.length - start;
    if (pendingBytes > maxLineBytes) {
      throw new ClusterError(`a line is longer than ${maxLineBytes} bytes`);
    }
  }
  if (pendingBytes > 0) throw new ClusterError('the answer breaks off in the middle of a line');
}
