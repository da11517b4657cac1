/**
 * Executes the command blocks of the documentation as they are written: in a fresh clone, with the Node.js
 * and npm of this machine. `node scripts/run-docs.ts [PAGE…]`; without pages, all of them.
 * Exit codes: 0 every block did what the page says, 1 one did not, 2 the pages could not be read.
 */
import { MarkupError } from './run-docs/blocks.ts';
import { listPages } from './run-docs/pages.ts';
import { runPages } from './run-docs/run-pages.ts';

process.chdir(new URL('../', import.meta.url).pathname);
const named = process.argv.slice(2);
try {
  const failed = await runPages(named.length > 0 ? named : listPages());
  process.exitCode = failed === 0 ? 0 : 1;
} catch (error) {
  if (!(error instanceof MarkupError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
