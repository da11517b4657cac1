import { globSync, readFileSync } from 'node:fs';
import { readBlocks, type Block } from './blocks.ts';

/** Every Markdown page of the repository, README first. */
export function listPages(): readonly string[] {
  const pages = globSync('**/*.md', {
    exclude: (path) => /^(node_modules|dist|coverage)$/.test(path),
  });
  return ['README.md', ...pages.filter((page) => page !== 'README.md').sort()];
}

/** The command blocks of a page, in order. */
export function blocksOf(page: string): readonly Block[] {
  return readBlocks(page, readFileSync(page, 'utf8'));
}
