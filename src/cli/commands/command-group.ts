import type { Command } from 'commander';
import type { ExitCode, Io } from '../io.ts';

/** Where a command is added, and how it ends. */
export interface CommandGroup {
  readonly program: Command;
  readonly io: Io;
  readonly end: (code: ExitCode) => void;
}
