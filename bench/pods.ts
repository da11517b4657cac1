/** Declarations and pods as a real cluster has them: what the benchmark's servers are asked about. */

/** Namespace and account pairs; every pair has a tenant of its own. */
export const pairCount = 512;

/** The StorageTenants of all pairs as one YAML text. */
export function tenantsYaml(): string {
  return pairs.map(tenantYaml).join('---\n');
}

export interface Pair {
  readonly namespace: string;
  readonly serviceAccount: string;
}

export const pairs: readonly Pair[] = Array.from({ length: pairCount }, (_, index) => ({
  namespace: `team-${String(index).padStart(4, '0')}`,
  serviceAccount: `writer-${String(index).padStart(4, '0')}`,
}));

/** Stand-ins for what differs from request to request; replaced in place, so their length stays. */
export const uidPlaceholder = '00000000-0000-4000-8000-000000000000';
export const nameSuffixPlaceholder = 'xxxxxxxxxx';

/** The review of a pod's creation. `pod` replaces the pair's own, as after mutation. */
export function reviewOf(pair: Pair, pod: object = podOf(pair)): object {
  return {
    kind: 'AdmissionReview',
    apiVersion: 'admission.k8s.io/v1',
    request: {
      uid: uidPlaceholder,
      kind: { group: '', version: 'v1', kind: 'Pod' },
      resource: { group: '', version: 'v1', resource: 'pods' },
      requestKind: { group: '', version: 'v1', kind: 'Pod' },
      requestResource: { group: '', version: 'v1', resource: 'pods' },
      name: podName,
      namespace: pair.namespace,
      operation: 'CREATE',
      userInfo: {
        username: 'system:serviceaccount:kube-system:replicaset-controller',
        uid: 'c3b0c6ff-6a42-4c7f-9d53-8f1d2b1f8e11',
        groups: [
          'system:serviceaccounts',
          'system:serviceaccounts:kube-system',
          'system:authenticated',
        ],
        extra: {
          'authentication.kubernetes.io/credential-id': [
            'JTI=1f7f1a35-7d0e-4b8e-8f0e-2d2f4f4a4a11',
          ],
        },
      },
      object: pod,
      oldObject: null,
      dryRun: false,
      options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1' },
    },
  };
}

const podName = `ledger-7c9d8f6b5d-${nameSuffixPlaceholder}`;

/** Two containers and an init container, as the API server sends them: with all its defaults. */
export function podOf({ namespace, serviceAccount }: Pair): object {
  return {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: {
      name: podName,
      generateName: 'ledger-7c9d8f6b5d-',
      namespace,
      uid: '0b6f4a0e-8a0f-4a39-9f5e-3f3f5b6d7c8d',
      creationTimestamp: '2027-01-01T00:00:00Z',
      labels: {
        app: 'ledger',
        'app.kubernetes.io/name': 'ledger',
        'app.kubernetes.io/part-of': namespace,
        'pod-template-hash': '7c9d8f6b5d',
      },
      annotations: {
        'bucketwarden.io/buckets': `${namespace}-ledger:rw`,
        'prometheus.io/scrape': 'true',
        'prometheus.io/port': '9090',
        'kubectl.kubernetes.io/restartedAt': '2027-01-01T00:00:00Z',
      },
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: 'ReplicaSet',
          name: 'ledger-7c9d8f6b5d',
          uid: '8d2e0d6a-2c5e-4f5b-9f73-0c4b6a7e8f90',
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
      managedFields: [
        {
          manager: 'kube-controller-manager',
          operation: 'Update',
          apiVersion: 'v1',
          time: '2027-01-01T00:00:00Z',
          fieldsType: 'FieldsV1',
          fieldsV1: managedFields,
        },
      ],
    },
    spec: {
      volumes: [
        { name: 'config', configMap: { name: 'ledger-config', defaultMode: 420 } },
        { name: 'scratch', emptyDir: { sizeLimit: '1Gi' } },
        {
          name: 'kube-api-access-7xk2p',
          projected: {
            sources: [
              { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
              {
                configMap: {
                  name: 'kube-root-ca.crt',
                  items: [{ key: 'ca.crt', path: 'ca.crt' }],
                },
              },
              {
                downwardAPI: {
                  items: [
                    {
                      path: 'namespace',
                      fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' },
                    },
                  ],
                },
              },
            ],
            defaultMode: 420,
          },
        },
      ],
      initContainers: [container('migrate', namespace)],
      containers: [container('ledger', namespace), container('exporter', namespace)],
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 30,
      dnsPolicy: 'ClusterFirst',
      serviceAccountName: serviceAccount,
      serviceAccount,
      securityContext: { runAsNonRoot: true, fsGroup: 2000 },
      schedulerName: 'default-scheduler',
      tolerations: ['not-ready', 'unreachable'].map((key) => ({
        key: `node.kubernetes.io/${key}`,
        operator: 'Exists',
        effect: 'NoExecute',
        tolerationSeconds: 300,
      })),
      priority: 0,
      enableServiceLinks: true,
      preemptionPolicy: 'PreemptLowerPriority',
    },
    status: { phase: 'Pending', qosClass: 'Burstable' },
  };
}

function container(name: string, namespace: string): object {
  const probe = {
    httpGet: { path: '/healthz', port: 'http', scheme: 'HTTP' },
    initialDelaySeconds: 5,
    timeoutSeconds: 1,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 3,
  };
  return {
    name,
    image: `registry.example.com/ledger/${name}:1.42.0`,
    args: ['--config=/etc/ledger/config.yaml', '--listen=:8080'],
    ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
    env: [
      { name: 'LOG_LEVEL', value: 'info' },
      { name: 'S3_BUCKET', value: `${namespace}-ledger` },
      { name: 'DATABASE_URL', value: 'postgres://ledger-db:5432/ledger' },
      { name: 'DATABASE_PASSWORD', valueFrom: { secretKeyRef: { name: 'db', key: 'password' } } },
      {
        name: 'POD_NAME',
        valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } },
      },
      { name: 'POD_IP', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'status.podIP' } } },
      { name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value: 'http://otel-collector.observability:4317' },
      { name: 'GOMAXPROCS', value: '2' },
    ],
    resources: {
      limits: { cpu: '1', memory: '512Mi' },
      requests: { cpu: '100m', memory: '256Mi' },
    },
    volumeMounts: [
      { name: 'config', readOnly: true, mountPath: '/etc/ledger' },
      { name: 'scratch', mountPath: '/var/lib/ledger' },
      {
        name: 'kube-api-access-7xk2p',
        readOnly: true,
        mountPath: '/var/run/secrets/kubernetes.io/serviceaccount',
      },
    ],
    ...(name !== 'migrate' && { livenessProbe: probe, readinessProbe: probe }),
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: 'IfNotPresent',
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
  };
}

const managedContainer = {
  '.': {},
  'f:args': {},
  'f:env': { '.': {}, 'k:{"name":"LOG_LEVEL"}': { '.': {}, 'f:name': {}, 'f:value': {} } },
  'f:image': {},
  'f:imagePullPolicy': {},
  'f:name': {},
  'f:resources': {},
  'f:volumeMounts': {},
};

const managedFields = {
  'f:metadata': { 'f:generateName': {}, 'f:labels': { '.': {}, 'f:app': {} } },
  'f:spec': {
    'f:containers': {
      'k:{"name":"ledger"}': managedContainer,
      'k:{"name":"exporter"}': managedContainer,
    },
    'f:initContainers': { '.': {}, 'k:{"name":"migrate"}': managedContainer },
    'f:restartPolicy': {},
    'f:volumes': { '.': {}, 'k:{"name":"config"}': { '.': {}, 'f:configMap': {}, 'f:name': {} } },
  },
};

function tenantYaml({ namespace, serviceAccount }: Pair): string {
  return `apiVersion: bucketwarden.io/v1alpha1
kind: StorageTenant
metadata: {name: ${namespace}}
spec:
  namespaces: [${namespace}]
  identity: Always
  buckets:
    - {name: ${namespace}-ledger, access: ReadWrite, serviceAccounts: [${serviceAccount}]}
    - {name: ${namespace}-tmp-*, access: ReadWrite}
`;
}
