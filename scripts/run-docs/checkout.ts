import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A fresh clone of this repository, with what is not committed yet. */
export interface Checkout {
  readonly directory: string;
  /** Takes it back to how it was cloned; only node_modules may stay, to save time. */
  reset(): void;
  remove(): void;
}

/** Clones the repository that is the working directory. */
export function cloneCheckout(): Checkout {
  const directory = join(mkdtempSync(join(tmpdir(), 'bucketwarden-docs-')), 'bucketwarden');
  git('.', 'clone', '--quiet', '--no-hardlinks', '.', directory);
  const changed = git('.', 'ls-files', '-z', '--modified', '--others', '--exclude-standard');
  for (const file of changed.split('\0').filter((name) => name !== '')) {
    const target = join(directory, file);
    mkdirSync(dirname(target), { recursive: true });
    if (existsSync(file)) cpSync(file, target, { recursive: true });
    else rmSync(target, { force: true });
  }
  git(directory, 'add', '--all');
  const author = ['-c', 'user.name=docs', '-c', 'user.email=docs@example.com'];
  git(directory, ...author, 'commit', '--quiet', '--allow-empty', '--message=Working tree');
  return {
    directory,
    reset: () => {
      git(directory, 'reset', '--quiet', '--hard');
      git(directory, 'clean', '--quiet', '-fdx', '--exclude=node_modules');
    },
    remove: () => {
      rmSync(dirname(directory), { recursive: true, force: true });
    },
  };
}

function git(directory: string, ...words: readonly string[]): string {
  return execFileSync('git', ['-C', directory, ...words], { encoding: 'utf8' });
}
