import { bucketOutsideTenant } from './workload/bucket-outside-tenant.ts';
import { exportScope } from './istio/export-scope.ts';
import { namespaceLabels } from './kubernetes/namespace-labels.ts';
import type { Rule } from './rule.ts';
import { serviceEntryEndpoint } from './istio/service-entry-endpoint.ts';
import { serviceEntryHost } from './istio/service-entry-host.ts';
import { serviceEntryProtectedHost } from './istio/service-entry-protected-host.ts';
import { serviceEntryWildcardHost } from './istio/service-entry-wildcard-host.ts';
import { staticCredentials } from './workload/static-credentials.ts';
import { storageIdentity } from './workload/storage-identity.ts';
import { storageTenant } from './storage/storage-tenant.ts';

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
