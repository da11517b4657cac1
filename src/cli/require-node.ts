import { UsageError } from '../errors.ts';

/** What talks to a cluster or serves one is built and tested for this version of Node.js. */
const requiredMajor = 24;

/**
 * Makes sure that a command can run on this Node.js; commands that need no cluster run on older ones.
 * @throws UsageError naming both versions
 */
export function requireNode(what: string, version = process.versions.node): void {
  if (Number.parseInt(version, 10) >= requiredMajor) return;
  throw new UsageError(`${what} needs Node.js ${requiredMajor} or later, this is ${version}`);
}
