import { styleText } from 'node:util';

/** Colour only on a terminal and never against NO_COLOR, which styleText looks after. */
export function paint(style: 'bold' | 'dim' | 'green' | 'red' | 'yellow', text: string): string {
  return styleText(style, text, { stream: process.stdout, validateStream: true });
}

export function heading(text: string): string {
  return paint('bold', `── ${text}`);
}

/** Moves every line two columns to the right. */
export function indent(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '  ');
}

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
