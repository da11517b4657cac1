import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const root = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');

/** The sources in one text, without the quotes and line breaks that divide a long message. */
const sources = globSync('src/**/*.ts', { cwd: root.pathname })
  .map((path) => read(path))
  .join('\n')
  .replaceAll(/['`] \+\s*['`]/g, '')
  .replaceAll(/\$\{[^}]*\}/g, '…');

/** What others say: the API server, or an HTTP status beside our code. */
const foreign = /^failed calling webhook /;

/** Every text in backticks of a heading that is a message: of more than one word. */
const messages = [...read('docs/troubleshooting.md').matchAll(/^## (.*)$/gm)]
  .flatMap(([, heading = '']) => [...heading.matchAll(/`([^`]+)`/g)])
  .map(([, message = '']) => message)
  .filter((message) => message.includes(' ') && !foreign.test(message));

/** The parts of a message that do not depend on the object. */
function constantParts(message: string): readonly string[] {
  return message
    .split(/"[^"]*"|…|\b(?:read-only|read-write) \(..\)/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

describe('the headings of docs/troubleshooting.md', () => {
  it('are messages', () => {
    expect(messages.length).toBeGreaterThan(10);
  });

  it.each(messages)('quote %s from the source', (message) => {
    const parts = constantParts(message);
    expect(parts.filter((part) => !sources.includes(part))).toEqual([]);
    expect(parts).not.toEqual([]);
  });
});
