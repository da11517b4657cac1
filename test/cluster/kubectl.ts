import { spawn } from 'node:child_process';

/** What a run of kubectl left behind. */
export interface KubectlResult {
  /** The command as a terminal would show it. */
  readonly command: string;
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export type Kubectl = (
  words: readonly string[],
  options?: { readonly stdin?: string; readonly env?: Readonly<Record<string, string>> },
) => Promise<KubectlResult>;

/** The real kubectl, against one cluster. */
export function kubectlFor(cluster: {
  readonly kubectl: string;
  readonly kubeconfig: string;
}): Kubectl {
  return (words, { stdin = '', env = {} } = {}) =>
    new Promise((resolve, reject) => {
      const child = spawn(cluster.kubectl, ['--kubeconfig', cluster.kubeconfig, ...words], {
        env: { ...process.env, ...env },
      });
      let [stdout, stderr] = ['', ''];
      child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
      child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
      child.on('error', reject);
      // A kubectl that ends before it has read everything says why on stderr.
      child.stdin.on('error', () => undefined);
      child.on('close', (code, signal) => {
        if (signal !== null) stderr += `\nkubectl was ended by ${signal}`;
        resolve({ command: `kubectl ${words.join(' ')}`, exitCode: code ?? 1, stdout, stderr });
      });
      child.stdin.end(stdin);
    });
}

/** Runs kubectl and fails the test with everything it printed unless it succeeds; gives its output. */
export async function mustSucceed(run: Promise<KubectlResult> | KubectlResult): Promise<string> {
  const result = await run;
  if (result.exitCode !== 0) throw new Error(`kubectl had to succeed:\n${describeResult(result)}`);
  return result.stdout;
}

/** Runs kubectl and fails the test with everything it printed unless it fails; gives its stderr. */
export async function mustFail(run: Promise<KubectlResult> | KubectlResult): Promise<string> {
  const result = await run;
  if (result.exitCode === 0) throw new Error(`kubectl had to fail:\n${describeResult(result)}`);
  return result.stderr;
}

/**
 * The message with which our webhook denied a request. Fails the test when the request was admitted,
 * or failed for another reason, and says which of the two it was.
 */
export async function denialOf(run: Promise<KubectlResult> | KubectlResult): Promise<string> {
  const result = await run;
  const denial = denialIn(result);
  if (denial !== undefined) return denial;
  const problem = result.exitCode === 0 ? 'was admitted' : 'failed for another reason';
  throw new Error(`the webhook had to deny this, but it ${problem}:\n${describeResult(result)}`);
}

/** The message of a webhook's denial, without what kubectl and the API server put around it. */
export function denialIn({ stderr }: KubectlResult): string | undefined {
  return /admission webhook "(?:validate|mutate)[a-z.-]*" denied the request: ([\s\S]*?)\n?$/.exec(
    stderr,
  )?.[1];
}

/** Everything a run of kubectl left behind, for the message of a test that fails. */
export function describeResult({ command, exitCode, stdout, stderr }: KubectlResult): string {
  return [`$ ${command}`, stdout, stderr, `(exit code ${exitCode})`]
    .map((part) => part.trimEnd())
    .filter((part) => part !== '')
    .join('\n');
}
