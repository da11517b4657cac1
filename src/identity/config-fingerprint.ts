import { createHash } from 'node:crypto';
import type { BucketwardenConfig } from '../declaration/bucketwarden-config.ts';
import { storePartsOf } from './store-parts.ts';

/**
 * A fingerprint of everything in an identity that comes from the config: two replicas with the same
 * one inject the same. It also changes when a new version of Bucketwarden injects something else.
 */
export function configFingerprint(config: BucketwardenConfig): string {
  const known = fingerprints.get(config);
  if (known !== undefined) return known;
  const parts = [config.mesh.trustDomain, storePartsOf(config, false), storePartsOf(config, true)];
  const fingerprint = createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
  fingerprints.set(config, fingerprint);
  return fingerprint;
}

/** A config never changes, so this only saves time. */
const fingerprints = new WeakMap<BucketwardenConfig, string>();
