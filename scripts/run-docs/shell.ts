import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** What a block did. */
export interface Outcome {
  readonly exitCode: number;
  /** Everything it printed, as a terminal shows it. */
  readonly output: string;
  /** The line of the block, from 0, of the command that failed, if one did. */
  readonly failedLine?: number;
  readonly timedOut: boolean;
}

/** A terminal in which the blocks of one page are typed one after the other. */
export interface Shell {
  run(text: string, until?: string): Promise<Outcome>;
  /** A folder of programs that come first on its PATH. */
  readonly programs: string;
  close(): void;
}

/** Longer than anything in the documentation takes, also on a busy machine. */
const blockMinutes = 10;

/**
 * Each block gets a bash of its own, so that a failure ends that block alone. Working directory, functions and
 * variables are handed on, as in one terminal.
 */
export function openShell(directory: string, variables: Readonly<Record<string, string>>): Shell {
  const own = mkdtempSync(join(tmpdir(), 'bucketwarden-docs-shell-'));
  const files = {
    state: join(own, 'state'),
    line: join(own, 'line'),
    block: join(own, 'block.sh'),
  };
  const prelude = join(own, 'prelude.sh');
  const programs = join(own, 'bin');
  mkdirSync(programs);
  writeFileSync(files.state, '');
  writeFileSync(prelude, preludeFor(files));
  const env = {
    ...machineEnvironment(),
    ...variables,
    npm_config_prefix: join(own, 'npm'),
    BASH_ENV: prelude,
  };
  const path = [programs, join(own, 'npm', 'bin'), machinePath()].join(delimiter);
  return {
    programs,
    async run(text, until) {
      writeFileSync(files.line, '');
      writeFileSync(files.block, text);
      const child = spawn('bash', ['-e', files.block], {
        cwd: directory,
        env: { ...env, PATH: path },
        // A group of its own, so that everything the block started can be ended with it.
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const outcome = await finish(child, until);
      const failedLine = Number(readFileSync(files.line, 'utf8')) - 1;
      return failedLine >= 0 ? { ...outcome, failedLine } : outcome;
    },
    close: () => {
      rmSync(own, { recursive: true, force: true });
    },
  };
}

/** Restores what the block before left, notes the line of a failure, and keeps what this one leaves. */
function preludeFor(files: { readonly state: string; readonly line: string }): string {
  return [
    'unset BASH_ENV',
    'exec 2>&1',
    `source '${files.state}'`,
    'set -E',
    `trap 'printf %s "$LINENO" > "${files.line}"' ERR`,
    `trap '{ declare -f; export -p; printf "cd %q\\n" "$PWD"; } > "${files.state}"' EXIT`,
    '',
  ].join('\n');
}

function finish(child: ChildProcess, until: string | undefined): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    let output = '';
    let stopped = false;
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      endGroup(child, 'SIGKILL');
    }, blockMinutes * 60_000);
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (until === undefined || stopped || !output.includes(until)) return;
      stopped = true;
      endGroup(child, 'SIGTERM');
    });
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ exitCode: stopped ? 0 : (code ?? 1), output, timedOut });
    });
  });
}

function endGroup({ pid }: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (pid !== undefined) process.kill(-pid, signal);
}

/** The machine's own PATH: without the programs that npm puts before it while a script runs. */
function machinePath(): string {
  const path = process.env['PATH'] ?? '';
  return path
    .split(delimiter)
    .filter((part) => !/node_modules|node-gyp-bin/.test(part))
    .join(delimiter);
}

/** Without what npm, vitest and this process were told; a CA of the network's own stays. */
function machineEnvironment(): Record<string, string> {
  const foreign =
    /^(npm_|VITEST|NODE_(?!EXTRA_CA_CERTS)|FORCE_COLOR|TEST|KUBECONFIG|BUCKETWARDEN_|INIT_CWD)/;
  return Object.fromEntries(
    Object.entries(process.env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && !foreign.test(entry[0]),
    ),
  );
}
