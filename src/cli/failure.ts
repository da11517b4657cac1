import { BucketwardenError, InvalidFileError } from '../errors.ts';
import type { Output } from './io.ts';

/** Says on stderr why a command could not run. */
export function reportFailure(error: unknown, stderr: Output): 2 {
  stderr.write(`${failureText(error)}\n`);
  return 2;
}

function failureText(error: unknown): string {
  // Each line names its own file; a prefix would break the link that editors make of it.
  if (error instanceof InvalidFileError) return error.message;
  if (error instanceof BucketwardenError) return `bucketwarden: ${error.message}`;
  if (error instanceof Error && 'syscall' in error) return `bucketwarden: ${error.message}`;
  const details = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `bucketwarden: internal error: ${details}`;
}
