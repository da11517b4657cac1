import { bucketOutsideTenant } from './bucket-outside-tenant.ts';
import { exportScope } from './export-scope.ts';
import { namespaceLabels } from './namespace-labels.ts';
import type { Rule } from './rule.ts';
import { serviceEntryEndpoint } from './service-entry-endpoint.ts';
import { serviceEntryHost } from './service-entry-host.ts';
import { serviceEntryProtectedHost } from './service-entry-protected-host.ts';
import { serviceEntryWildcardHost } from './service-entry-wildcard-host.ts';
import { staticCredentials } from './static-credentials.ts';
import { storageIdentity } from './storage-identity.ts';
import { storageTenant } from './storage-tenant.ts';

/** The one list of rules, sorted by id. */
export const rules: readonly Rule[] = [
  bucketOutsideTenant,
  exportScope,
  namespaceLabels,
  serviceEntryEndpoint,
  serviceEntryHost,
  serviceEntryProtectedHost,
  serviceEntryWildcardHost,
  staticCredentials,
  storageIdentity,
  storageTenant,
];
