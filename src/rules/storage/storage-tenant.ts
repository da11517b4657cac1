import { listOf, textOf, valueAt } from '../../admission/json.ts';
import { decodeTenant } from '../../declaration/load.ts';
import type { TenantProblem } from '../../tenant/claims.ts';
import { storageTenantProblems } from '../../objects/tenant-variables.ts';
import type { World } from '../../tenant/world.ts';
import type { RuleOf, Violation } from '../rule.ts';
import { storageTenantSubject, type StorageTenantView } from './subject.ts';

export const storageTenant: RuleOf<StorageTenantView> = {
  id: 'storage-tenant',
  title: 'StorageTenants claim only what is free and share only with tenants that exist',
  why:
    'Namespaces, buckets and public hosts have one owner. What two tenants claim belongs to neither; a ' +
    'careless pattern or grant gives it to the wrong one.',
  fix: 'Choose a name, range or host that no other tenant claims',
  subject: storageTenantSubject,
  scope: 'cluster',
  harmsOthers: true,
  defaultActions: ['Deny'],
  examples: {
    allowed: [
      {
        name: 'a new tenant beside the others',
        yaml: `
apiVersion: bucketwarden.io/v1alpha1
kind: StorageTenant
metadata: {name: web}
spec:
  namespaces: [web]
  buckets: [{name: web-assets, sharedWith: [{tenant: payments}]}]
  egress: {hosts: ["cdn.example.net"]}
`,
      },
    ],
    denied: [
      {
        name: 'claims of others, system namespaces, traps',
        yaml: `
apiVersion: bucketwarden.io/v1alpha1
kind: StorageTenant
metadata: {name: greedy}
spec:
  namespaces: [payments, kube-system]
  buckets:
    - {name: analytics-raw}
    - {name: "greedy-*"}
    - {name: greedy-secret, serviceAccounts: [root], sharedWith: [{tenant: nobody}]}
  egress:
    hosts: ["*.co.uk", "minio.storage.svc", "minio-hl.storage"]
    cidrs: ["169.254.169.254/32", "127.0.0.0/8", "0.0.0.0/1"]
  ingress: {hosts: ["pay.example.com"]}
  ruleActions: {no-such-rule: [Warn]}
`,
        paths: [
          'spec.buckets[0].name',
          'spec.buckets[2]',
          'spec.buckets[2].sharedWith[0].tenant',
          'spec.egress.cidrs[0]',
          'spec.egress.cidrs[1]',
          'spec.egress.cidrs[2]',
          'spec.egress.hosts[0]',
          'spec.egress.hosts[1]',
          'spec.egress.hosts[2]',
          'spec.ingress.hosts[0]',
          'spec.namespaces[0]',
          'spec.namespaces[1]',
          'spec.ruleActions.no-such-rule',
        ],
      },
      {
        name: 'a pattern without separator, which would match the buckets of other teams',
        yaml: `
apiVersion: bucketwarden.io/v1alpha1
kind: StorageTenant
metadata: {name: greedy}
spec:
  namespaces: [greedy]
  buckets: [{name: "team*"}]
`,
        paths: ['spec.buckets[0].name'],
      },
      {
        name: 'variables that redirect every program of the tenant, or carry keys',
        yaml: `
apiVersion: bucketwarden.io/v1alpha1
kind: StorageTenant
metadata: {name: helpful}
spec:
  namespaces: [helpful]
  env:
    - {name: SSL_CERT_FILE, value: /etc/ssl/store/ca.crt}
    - {name: LD_PRELOAD, value: /tmp/x.so}
    - {name: https_proxy, value: "http://proxy.example.com"}
    - {name: MC_HOST_store, value: "https://KEY:SECRET@minio.storage.svc:9000"}
`,
        paths: ['spec.env[1].name', 'spec.env[2].name', 'spec.env[3].value'],
      },
      {
        name: 'Deny together with Warn',
        yaml: `
apiVersion: bucketwarden.io/v1alpha1
kind: StorageTenant
metadata: {name: undecided}
spec:
  namespaces: [undecided]
  actions: [Deny, Warn]
`,
        paths: ['spec.actions'],
      },
    ],
  },
  validate(view, world) {
    if (view.isDeleted) return deletionViolations(view, world);
    const { declaration, problems } = decodeTenant(view.object);
    if (declaration === undefined) return problems.map(toViolation);
    return storageTenantProblems(declaration, world).map(toViolation);
  },
};

/** Namespaces that outlive their tenant would belong to no tenant, and its buckets would be free to claim. */
function deletionViolations(
  { object, name: tenant }: StorageTenantView,
  { namespaces }: World,
): Violation[] {
  const path = ['spec', 'namespaces'];
  const fix = 'Delete the namespaces first, or take them out of the StorageTenant';
  if (namespaces === undefined) {
    const reason = `it cannot be known here whether namespaces of tenant "${tenant}" still exist`;
    return [{ path, reason, fix }];
  }
  return listOf(valueAt(object, path)).flatMap((value, index) => {
    const name = textOf(value) ?? '';
    if (!namespaces.has(name)) return [];
    return [{ path: [...path, index], reason: `namespace "${name}" still exists`, fix }];
  });
}

function toViolation({ path, message, claimant }: TenantProblem): Violation {
  return { path, reason: message, ...(claimant === undefined && { fix: fixField }) };
}

/** Where no other tenant is in the way. */
const fixField = 'Correct this field; docs/reference/storage-tenant.md describes it';
