import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { generatedFiles } from '../scripts/generate/files.ts';

const root = new URL('../', import.meta.url);
const generated = await generatedFiles();

describe('generated files', () => {
  it.each([...generated])('%s is what `npm run generate` writes', (path, text) => {
    const file = new URL(path, root);
    expect(existsSync(file) ? readFileSync(file, 'utf8') : 'missing').toBe(text);
  });

  it('leaves no page behind for a rule that is gone', () => {
    const pages = readdirSync(new URL('docs/rules', root)).map((name) => `docs/rules/${name}`);
    expect(pages.sort()).toEqual(
      [...generated.keys()].filter((path) => path.startsWith('docs/rules/')).sort(),
    );
  });
});
