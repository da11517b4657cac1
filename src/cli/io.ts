/** Where a command writes. */
export interface Output {
  readonly write: (text: string) => void;
  readonly isTerminal: boolean;
}

/** Everything a command may touch besides files and the network; tests bring their own. */
export interface Io {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly readStdin: () => Promise<string>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Relative paths start here. */
  readonly directory: string;
  readonly now: () => Date;
}

/** 0 = fine, 1 = denied (or "no"), 2 = could not run. */
export type ExitCode = 0 | 1 | 2;
