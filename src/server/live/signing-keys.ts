import {
  createKeyRing,
  generateSigningKey,
  InvalidKeysError,
  parseKeySet,
  type KeyRing,
} from '../../identity/key-ring.ts';
import type { CurrentEngine } from './current-engine.ts';
import type { WatchedSource } from './reloader.ts';
import { readSource } from '../../files/read-sources.ts';

/** A private JWK Set in a file, as all replicas share it. */
export function createKeysSource(file: string, current: CurrentEngine): WatchedSource {
  return {
    name: 'signing-keys',
    async read() {
      const { text } = await readSource(file);
      return {
        fingerprint: text,
        apply: async () => {
          current.useKeys(await readKeys(file, text));
        },
      };
    },
  };
}

/** Says which file it was, which the text alone does not know. */
async function readKeys(file: string, text: string): Promise<KeyRing> {
  try {
    return await createKeyRing(parseKeySet(text));
  } catch (cause) {
    if (!(cause instanceof InvalidKeysError)) throw cause;
    throw new InvalidKeysError(`${file}: ${cause.message}`, { cause });
  }
}

/** One key that lives as long as the process; enough for a single replica that is tried out. */
export async function createMemoryKeys(): Promise<KeyRing> {
  return createKeyRing([await generateSigningKey()]);
}
