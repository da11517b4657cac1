import { loadPolicy } from '../../engine/load-policy.ts';
import type { CurrentEngine } from './current-engine.ts';
import type { WatchedSource } from './reloader.ts';
import { readSource, requireSources } from '../../files/read-sources.ts';

/** Config and tenants: taken over together, because tenants are checked against the config. */
export function createPolicySource(
  files: { readonly config?: string; readonly tenants: readonly string[] },
  current: CurrentEngine,
): WatchedSource {
  return {
    name: 'policy',
    async read() {
      const config = files.config === undefined ? undefined : await readSource(files.config);
      const tenants = await requireSources(files.tenants);
      return {
        fingerprint: JSON.stringify([config, tenants]),
        apply: () => {
          current.usePolicy(loadPolicy({ config, tenants }, current.ruleIds));
        },
      };
    },
  };
}
