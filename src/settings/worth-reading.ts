import type { Detection } from './detection.ts';
import type { StorageNames } from './storage-names.ts';

/** Characters that begin no variable, escape, quote or second word, and that have one spelling. */
const plain = /^[\w./:=@,+?&#~-]*$/;

/** Part of the name of every variable, option and program that holds static keys. */
const keyNames = ['aws', 'minio', 's3', 'rclone', 'mc_host'];

/**
 * A test for texts that may name a bucket of the store or hold a key. Nearly all texts of a pod are plain
 * and name neither the store nor one of its schemes; leaving them out saves a third of the reading.
 */
export function compileWorthReading(
  { schemes }: Pick<Detection, 'schemes'>,
  { names, addresses }: StorageNames,
): (text: string) => boolean {
  // An address has spellings without any dot or digit in common.
  if (addresses.size > 0) return () => true;
  const parts = [...keyNames, ...[...schemes].map((scheme) => `${scheme}:`), ...names];
  const interesting = new RegExp(parts.map(escapeRegExp).join('|'), 'i');
  return (text) => !plain.test(text) || interesting.test(text);
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
