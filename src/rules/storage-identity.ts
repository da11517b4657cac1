import { parseBucketRequests } from '../bucket/bucket-request.ts';
import {
  isRecord,
  listOf,
  ownValue,
  recordOf,
  textOf,
  type JsonRecord,
} from '../admission/json.ts';
import type { FieldPath } from '../admission/field-path.ts';
import { sameClaims, type PodIdentity } from '../identity/pod-identity.ts';
import type { StorageIdentity } from '../identity/storage-identity.ts';
import {
  annotations,
  identityAnnotations,
  identityVolume,
  ignoreEndpointsVariable,
} from '../names.ts';
import { askBucket } from '../tenant/ask-bucket.ts';
import { containersOf, type Container } from '../workload/containers.ts';
import { coversContent } from '../workload/covers-content.ts';
import { meshContainerTest } from '../workload/mesh-containers.ts';
import { annotationOf, serviceAccountOf, type Workload } from '../workload/pod-template.ts';
import { workloadMatch, type Rule, type RuleInput, type Violation } from './rule.ts';

export const storageIdentity: Rule = {
  id: 'storage-identity',
  title: "Pods of a tenant carry their own account's storage identity, whole and unchanged",
  why:
    'The store believes what a pod presents. A missing identity ends in 403s at run time or in the ' +
    "node's own credentials; a forged one is somebody else's.",
  fix: 'Leave everything named bucketwarden.io/… and the injected variables to Bucketwarden',
  scope: 'tenant',
  harmsOthers: false,
  defaultActions: ['Deny'],
  match: workloadMatch,
  examples: {
    allowed: [
      {
        name: 'a pod as its author writes it: the identity is injected before it is judged',
        yaml: `
apiVersion: v1
kind: Pod
metadata: {name: report, namespace: payments}
spec:
  serviceAccountName: ledger-writer
  containers: [{name: report, image: report:1}]
`,
      },
    ],
    denied: [
      {
        name: 'values of another identity, written by hand',
        yaml: `
apiVersion: v1
kind: Pod
metadata:
  name: report
  namespace: payments
  annotations: {bucketwarden.io/tenant: analytics}
spec:
  serviceAccountName: ledger-writer
  containers:
    - name: report
      image: report:1
      env:
        - {name: AWS_ROLE_ARN, value: "arn:minio:iam:::role/other"}
        - {name: AWS_IGNORE_CONFIGURED_ENDPOINT_URLS, value: "true"}
`,
        paths: [
          'metadata.annotations["bucketwarden.io/tenant"]',
          'spec.containers[0].env[0]',
          'spec.containers[0].env[1].value',
        ],
      },
      {
        name: 'an injected annotation changed afterwards',
        before: `
apiVersion: v1
kind: Pod
metadata: {name: report, namespace: payments, annotations: {bucketwarden.io/tenant: payments}}
spec: {containers: [{name: report, image: report:1}]}
`,
        yaml: `
apiVersion: v1
kind: Pod
metadata: {name: report, namespace: payments, annotations: {bucketwarden.io/tenant: analytics}}
spec: {containers: [{name: report, image: report:1}]}
`,
        paths: ['metadata.annotations["bucketwarden.io/tenant"]'],
      },
    ],
  },
  validate(input) {
    const { workload, identity, operation, oldObject } = input;
    if (workload === undefined || identity === undefined) return [];
    if (workload.isPod && operation === 'UPDATE') {
      return oldObject === undefined
        ? []
        : changedViolations(input, { workload, identity, oldObject });
    }
    const [first, ...others] = identity.accepted.map((wanted) =>
      judge(input, { workload, identity, wanted }),
    );
    // A pod may match the current declaration or, for a while, the one before it; never a mixture.
    return others.find((violations) => violations.length === 0) ?? first ?? [];
  },
};

interface Judged {
  readonly workload: Workload;
  readonly identity: PodIdentity;
  readonly wanted: StorageIdentity;
}

function judge(input: RuleInput, judged: Judged): Violation[] {
  const { workload, identity } = judged;
  const isMesh = meshContainerTest(workload, input.settings.config.mesh.proxyImages);
  const containers = containersOf(workload, ['initContainers', 'containers']).filter(
    (one) => !isMesh(one),
  );
  const wrong = [
    ...annotationViolations(input, judged),
    ...volumeViolations(judged),
    ...containersOf(workload).flatMap((one) => wrongContent(one, judged.wanted)),
  ];
  if (!identity.isDemanded || wrong.length > 0) return wrong;
  return missingViolations(containers, judged);
}

function annotationViolations(
  input: RuleInput,
  { workload, identity, wanted }: Judged,
): Violation[] {
  const path = [...workload.metadataPath, 'annotations'];
  const found = recordOf(workload.metadata['annotations']);
  const wrong = Object.entries(wanted.annotations).flatMap(([key, value]) => {
    const written = ownValue(found, key);
    if (written === undefined || written === value) return [];
    return [
      violation(
        [...path, key],
        String(written),
        `${quoted(written)} is not the injected "${value}"`,
      ),
    ];
  });
  const attestation = [...path, annotations.attestation];
  if (identity.verdict.kind === 'forged') {
    wrong.push(violation(attestation, 'forged', 'is not signed by a known key'));
  } else if (
    identity.verdict.kind === 'signed' &&
    !sameClaims(identity.verdict.claims, wanted.claims)
  ) {
    wrong.push(violation(attestation, 'foreign', 'was signed for another identity'));
  }
  return [...wrong, ...grantedListViolations(input, workload)];
}

/** The list may name only what is granted; which of it the pod asks for changes with later patches. */
function grantedListViolations({ tenant, tenants }: RuleInput, workload: Workload): Violation[] {
  const text = annotationOf(workload, annotations.grantedBuckets);
  if (text === undefined || tenant === undefined) return [];
  const path = [...workload.metadataPath, 'annotations', annotations.grantedBuckets];
  const serviceAccount = serviceAccountOf(workload);
  const { requests, unreadable } = parseBucketRequests(text.replace(/,\+\d+ more$/, ''));
  const refused = requests.filter(({ bucket, access }) => {
    return askBucket(tenants, tenant, { bucket, access, serviceAccount }).kind === 'denied';
  });
  return [...refused.map(({ bucket }) => bucket), ...unreadable].map((entry) =>
    violation(path, entry, `"${entry}" is not granted`),
  );
}

function volumeViolations({ workload, wanted }: Judged): Violation[] {
  return listOf(workload.spec['volumes']).flatMap((volume, index) => {
    if (!isNamedAsOurs(volume) || coversContent(volume, wanted.volume)) return [];
    const path = [...workload.specPath, 'volumes', index];
    return [violation(path, 'volume', `volume "${identityVolume.name}" is not the injected one`)];
  });
}

/** What a container says under our names must be what we would say; what it leaves out is no lie. */
function wrongContent({ value, path }: Container, wanted: StorageIdentity): Violation[] {
  const values = new Map(wanted.variables.map((variable) => [variable.name, variable.value]));
  const variables = listOf(value['env']).flatMap((entry, index) => {
    const { name, value: written, valueFrom } = recordOf(entry);
    if (name === ignoreEndpointsVariable && written !== 'false') {
      const reason = `"${ignoreEndpointsVariable}" makes SDKs ignore the store's endpoint`;
      return [violation([...path, 'env', index, 'value'], String(written), reason)];
    }
    const expected = typeof name === 'string' ? values.get(name) : undefined;
    if (expected === undefined || (written === expected && valueFrom === undefined)) return [];
    const reason = `variable "${String(name)}" is not the injected "${expected}"`;
    return [violation([...path, 'env', index], `${String(name)}=${String(written)}`, reason)];
  });
  const mounts = listOf(value['volumeMounts']).flatMap((mount, index) => {
    const isOurs = isNamedAsOurs(mount) || isOnOurPath(mount);
    if (!isOurs || isInjectedMount(mount, wanted.mount)) return [];
    const reason = `a mount of "${identityVolume.name}" or on its path is not the injected one`;
    return [violation([...path, 'volumeMounts', index], 'mount', reason)];
  });
  return [...variables, ...mounts];
}

function missingViolations(
  containers: readonly Container[],
  { workload, wanted }: Judged,
): Violation[] {
  const found = recordOf(workload.metadata['annotations']);
  const absent = identityAnnotations.filter((key) => ownValue(found, key) === undefined);
  const volume = listOf(workload.spec['volumes']).find(isNamedAsOurs);
  const bare = containers.filter((container) => !isComplete(container, wanted));
  const isWhollyAbsent = absent.length === identityAnnotations.length && volume === undefined;
  if (isWhollyAbsent || absent.length > 0 || volume === undefined) {
    const reason = isWhollyAbsent
      ? 'the storage identity was not injected'
      : `parts of the storage identity are missing: ${[...absent, ...(volume ? [] : [`volume "${identityVolume.name}"`])].join(', ')}`;
    return [
      {
        path: workload.metadataPath,
        value: 'absent',
        reason,
        fix: 'Create the pod again: the mutating webhook did not see it, or something removed its work',
      },
    ];
  }
  // A container that another webhook added after us works without the store, or is completed on retry.
  return bare.map(({ name, path }) => ({
    path,
    value: name,
    reason: `container "${name}" came after injection and has no storage identity`,
    ...(bare.length < containers.length && { limit: 'Warn' as const }),
  }));
}

function isComplete({ value }: Container, wanted: StorageIdentity): boolean {
  const names = new Set(listOf(value['env']).map((entry) => recordOf(entry)['name']));
  return (
    wanted.variables.every(({ name }) => names.has(name)) &&
    listOf(value['volumeMounts']).some((mount) => isInjectedMount(mount, wanted.mount))
  );
}

/** After creation nothing of the identity may change; it is compared, not verified again. */
function changedViolations(
  input: RuleInput,
  given: {
    readonly workload: Workload;
    readonly identity: PodIdentity;
    readonly oldObject: JsonRecord;
  },
): Violation[] {
  const { workload, identity, oldObject } = given;
  const before = recordOf(recordOf(oldObject['metadata'])['annotations']);
  const after = recordOf(workload.metadata['annotations']);
  const keys = [...identityAnnotations, annotations.grantedBuckets];
  const changed = keys.flatMap((key) => {
    const [old, current] = [ownValue(before, key), ownValue(after, key)];
    if (old === current) return [];
    const reason = `was ${quoted(old)} and cannot be changed to ${quoted(current)}`;
    return [violation([...workload.metadataPath, 'annotations', key], String(current), reason)];
  });
  return [...changed, ...newContainerViolations(input, { workload, identity, oldObject })];
}

/** Ephemeral containers are never injected into, but they may not bring a wrong identity either. */
function newContainerViolations(
  _input: RuleInput,
  given: {
    readonly workload: Workload;
    readonly identity: PodIdentity;
    readonly oldObject: JsonRecord;
  },
): Violation[] {
  const { workload, identity, oldObject } = given;
  const old = new Set(
    listOf(recordOf(oldObject['spec'])['ephemeralContainers']).map((one) =>
      textOf(recordOf(one)['name']),
    ),
  );
  const [wanted] = identity.accepted;
  return containersOf(workload, ['ephemeralContainers'])
    .filter(({ name }) => !old.has(name))
    .flatMap((container) => wrongContent(container, wanted));
}

function isNamedAsOurs(entry: unknown): boolean {
  return isRecord(entry) && entry['name'] === identityVolume.name;
}

function isOnOurPath(mount: unknown): boolean {
  const path = textOf(recordOf(mount)['mountPath'])?.replace(/[/\\]+$/, '') ?? '';
  const ours = [identityVolume.mountPath, identityVolume.windowsMountPath];
  return ours.some((own) => path === own || path.startsWith(`${own}/`));
}

/** `subPath` and the like would show other files, or stop the kubelet's rotation, under our path. */
function isInjectedMount(mount: unknown, wanted: object): boolean {
  const extra = Object.keys(recordOf(mount)).filter((key) => key.startsWith('subPath'));
  return extra.length === 0 && coversContent(mount, wanted);
}

function violation(path: FieldPath, value: string, reason: string): Violation {
  return { path, value, reason };
}

function quoted(value: unknown): string {
  return value === undefined ? 'absent' : JSON.stringify(value).slice(0, 120);
}
