import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { BucketwardenError, UsageError } from '../src/errors.ts';
import { writeRuleSkeleton } from './generate/rule-skeleton.ts';

/**
 * `npm run generate` writes every file that is made from the code.
 * `npm run generate -- rule <id> --subject <family>` writes the beginning of a new rule.
 */
const root = new URL('../', import.meta.url);

async function writeGeneratedFiles(): Promise<readonly string[]> {
  const { generatedFiles } = await import('./generate/files.ts');
  const files = await generatedFiles();
  const changed = [...files].filter(([path, text]) => textOf(path) !== text).map(([path]) => path);
  rmSync(new URL('docs/rules', root), { recursive: true, force: true });
  for (const [path, text] of files) {
    const target = new URL(path, root);
    mkdirSync(dirname(target.pathname), { recursive: true });
    writeFileSync(target, text);
  }
  return changed;
}

/** The file as it is; undefined when there is none. */
function textOf(path: string): string | undefined {
  const file = new URL(path, root);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

function wroteText(paths: readonly string[]): string {
  return paths.length === 0
    ? 'nothing to change\n'
    : paths.map((path) => `wrote ${path}\n`).join('');
}

/** @throws UsageError for an option that is not known */
function argumentsGiven(): { words: readonly string[]; subject: string | undefined } {
  try {
    const options = { subject: { type: 'string' } } as const;
    const { positionals, values } = parseArgs({ allowPositionals: true, options });
    return { words: positionals, subject: values.subject };
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('. ')[0] ?? '') : String(error);
    throw new UsageError(`${reason}; write "rule <id> --subject <family>", or nothing at all`);
  }
}

try {
  const { words, subject } = argumentsGiven();
  const [what, id] = words;
  if (what === undefined) process.stdout.write(wroteText(await writeGeneratedFiles()));
  else if (what === 'rule') {
    const wrote = writeRuleSkeleton(root, id, subject ?? 'workload');
    const note = subject === undefined ? ' (family "workload"; choose another with --subject)' : '';
    process.stdout.write(`${wrote}${note}\n`);
  } else throw new UsageError(`nothing is called "${what}"; write "rule <id>", or nothing at all`);
} catch (error) {
  // A mistake in an overlay's config.yaml or in the arguments: its place is all that helps.
  if (!(error instanceof BucketwardenError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
