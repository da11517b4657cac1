import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { InvalidFileError } from '../src/errors.ts';
import { generatedFiles } from './generate/files.ts';

/** `npm run generate`: writes every file that is made from the code. */
const root = new URL('../', import.meta.url);

try {
  const files = await generatedFiles();
  rmSync(new URL('docs/rules', root), { recursive: true, force: true });
  for (const [path, text] of files) {
    const target = new URL(path, root);
    mkdirSync(dirname(target.pathname), { recursive: true });
    writeFileSync(target, text);
  }
} catch (error) {
  // A slip in an overlay's config.yaml: its place is all that helps.
  if (!(error instanceof InvalidFileError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
