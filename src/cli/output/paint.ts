import { styleText } from 'node:util';
import type { Io } from '../io.ts';

/** Colours a piece of text, or leaves it as it is. */
export type Paint = (style: 'red' | 'yellow' | 'green' | 'bold' | 'dim', text: string) => string;

/** Colours only where a person reads: on a terminal, unless NO_COLOR (https://no-color.org) or the flag says no. */
export function paintFor({ stdout, env }: Io, isWanted: boolean): Paint {
  const isPlain = !isWanted || !stdout.isTerminal || (env['NO_COLOR'] ?? '') !== '';
  if (isPlain) return (_, text) => text;
  return (style, text) => styleText(style, text, { validateStream: false });
}
