import { Writable } from 'node:stream';
import { recordOf, type JsonRecord } from '../../src/admission/json.ts';
import { createLogging, type Logger } from '../../src/telemetry/logger.ts';

/** A stream that takes JSON lines, which can be read back. */
export function createLineStream(): { stream: Writable; lines: JsonRecord[] } {
  const lines: JsonRecord[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      const texts = chunk.toString().split('\n');
      for (const text of texts) if (text !== '') lines.push(recordOf(JSON.parse(text)));
      done();
    },
  });
  return { stream, lines };
}

/** A logger whose lines can be read back. */
export function createTestLog(): { logger: Logger; lines: JsonRecord[] } {
  const { stream, lines } = createLineStream();
  return { logger: createLogging(stream).logger, lines };
}
