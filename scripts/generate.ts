import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { generatedFiles } from './generate/files.ts';

/** `npm run generate`: writes every file that is made from the code. */
const root = new URL('../', import.meta.url);

rmSync(new URL('docs/rules', root), { recursive: true, force: true });
for (const [path, text] of await generatedFiles()) {
  const target = new URL(path, root);
  mkdirSync(dirname(target.pathname), { recursive: true });
  writeFileSync(target, text);
}
