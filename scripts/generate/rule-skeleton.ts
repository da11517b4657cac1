import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { UsageError } from '../../src/errors.ts';

/** A family of rules: its folder, and what its file `subject.ts` exports. */
interface Family {
  readonly folder: string;
  readonly subject: string;
  readonly view: string;
  /** A first example, for the author to change. */
  readonly example: string;
}

const families: Readonly<Record<string, Family>> = {
  workload: {
    folder: 'workload',
    subject: 'workloadSubject',
    view: 'WorkloadView',
    example: `
apiVersion: v1
kind: Pod
metadata: {name: report, namespace: payments}
spec: {containers: [{name: report, image: report:1}]}
`,
  },
  'service-entry': {
    folder: 'istio',
    subject: 'serviceEntrySubject',
    view: 'ServiceEntryView',
    example: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: stripe, namespace: payments}
spec: {hosts: ["api.stripe.com"], exportTo: ["."], resolution: DNS}
`,
  },
  namespace: {
    folder: 'kubernetes',
    subject: 'namespaceSubject',
    view: 'NamespaceView',
    example: `
apiVersion: v1
kind: Namespace
metadata: {name: playground}
`,
  },
};

/**
 * Writes src/rules/<folder>/<id>.ts and its line in src/rules/list.ts.
 * @param root URL of the project, with a slash at the end
 * @returns what was written, for people
 * @throws UsageError saying what is wrong with the id or the family; then nothing is written
 */
export function writeRuleSkeleton(root: URL, id: string | undefined, familyName: string): string {
  const family = families[familyName];
  if (family === undefined) {
    throw new UsageError(`--subject must be one of ${Object.keys(families).join(', ')}`);
  }
  if (id === undefined || !/^[a-z]+(-[a-z]+)+$/.test(id)) {
    throw new UsageError('the id of a rule is two or more words in lower case, joined by "-"');
  }
  const path = `src/rules/${family.folder}/${id}.ts`;
  if (existsSync(new URL(path, root))) throw new UsageError(`${path} exists`);
  const list = new URL('src/rules/list.ts', root);
  const lines = readFileSync(list, 'utf8').trimEnd().split('\n');
  lines.push(`export { ${camelCase(id)} } from './${family.folder}/${id}.ts';`);
  const heading = lines.filter((line) => !line.startsWith('export'));
  const entries = lines.filter((line) => line.startsWith('export')).sort();
  writeFileSync(new URL(path, root), skeleton(id, family));
  writeFileSync(list, `${[...heading, ...entries].join('\n')}\n`);
  return `wrote ${path} and its line in src/rules/list.ts; the tests fail until it is filled in`;
}

function camelCase(id: string): string {
  return id.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function skeleton(id: string, { subject, view, example }: Family): string {
  return `import type { RuleOf } from '../rule.ts';
import { ${subject}, type ${view} } from './subject.ts';

export const ${camelCase(id)}: RuleOf<${view}> = {
  id: '${id}',
  title: 'TODO: a true sentence about good objects',
  why: 'TODO: what happens otherwise.',
  fix: 'TODO: what the user can do',
  subject: ${subject},
  scope: 'cluster',
  harmsOthers: false,
  defaultActions: ['Deny'],
  examples: {
    allowed: [{ name: 'TODO', yaml: \`${example}\` }],
    denied: [{ name: 'TODO', yaml: \`${example}\`, paths: ['TODO'] }],
  },
  validate() {
    return [{ path: ['TODO'], reason: 'TODO: a clause that follows the path' }];
  },
};
`;
}
