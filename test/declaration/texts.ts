import { loadConfig, loadTenants } from '../../src/declaration/load.ts';
import { InvalidFileError } from '../../src/errors.ts';

const head = 'apiVersion: bucketwarden.io/v1alpha1\nkind: ';

/** A StorageTenant "payments"; `spec` is the text below "spec:", from line 5 on. */
export function tenantText(spec: string): string {
  return `${head}StorageTenant\nmetadata: {name: payments}\nspec:\n${spec}`;
}

/** A BucketwardenConfig; `sections` stand from line 3 on. */
export function configText(sections: string): string {
  return `${head}BucketwardenConfig\n${sections}`;
}

/** "line:column: path: message" of every problem; empty when the file is good. */
export function tenantProblems(text: string): string[] {
  return problemsOf(() => loadTenants('f', text));
}

export function configProblems(text: string): string[] {
  return problemsOf(() => loadConfig('f', text));
}

function problemsOf(load: () => unknown): string[] {
  try {
    load();
    return [];
  } catch (error) {
    if (!(error instanceof InvalidFileError)) throw error;
    return error.message.split('\n').map((line) => line.replace(/^f:/, ''));
  }
}
