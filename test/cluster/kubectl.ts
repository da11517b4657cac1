import { spawn } from 'node:child_process';

/** What a run of kubectl left behind. */
export interface KubectlResult {
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
      child.on('close', (code) => {
        resolve({ exitCode: code ?? 1, stdout, stderr });
      });
      child.stdin.end(stdin);
    });
}

/** Runs kubectl and fails the test with its own words unless it succeeds; gives its output. */
export async function mustSucceed(run: Promise<KubectlResult>): Promise<string> {
  const { exitCode, stdout, stderr } = await run;
  if (exitCode !== 0) throw new Error(`kubectl failed: ${stderr}${stdout}`);
  return stdout;
}

/** The message of a webhook's denial, without what kubectl and the API server put around it. */
export function denialIn({ stderr }: KubectlResult): string | undefined {
  return /admission webhook "(?:validate|mutate)[a-z.-]*" denied the request: ([\s\S]*?)\n?$/.exec(
    stderr,
  )?.[1];
}
