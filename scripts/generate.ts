import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { BucketwardenError, UsageError } from '../src/errors.ts';
import { writeRuleSkeleton } from './generate/rule-skeleton.ts';

/**
 * `npm run generate` writes every file that is made from the code.
 * `npm run generate -- rule <id> --subject <family>` writes the beginning of a new rule.
 */
const root = new URL('../', import.meta.url);

async function writeGeneratedFiles(): Promise<void> {
  const { generatedFiles } = await import('./generate/files.ts');
  const files = await generatedFiles();
  rmSync(new URL('docs/rules', root), { recursive: true, force: true });
  for (const [path, text] of files) {
    const target = new URL(path, root);
    mkdirSync(dirname(target.pathname), { recursive: true });
    writeFileSync(target, text);
  }
}

try {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { subject: { type: 'string', default: 'workload' } },
  });
  const [what, id] = positionals;
  if (what === undefined) await writeGeneratedFiles();
  else if (what === 'rule')
    process.stdout.write(`${writeRuleSkeleton(root, id, values.subject)}\n`);
  else throw new UsageError(`nothing is called "${what}"; write "rule <id>", or nothing at all`);
} catch (error) {
  // A mistake in an overlay's config.yaml or in the arguments: its place is all that helps.
  if (!(error instanceof BucketwardenError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
