import { join } from 'node:path';

import type { CredentialFiles } from './credentials.ts';

/** Flags by name, without the dashes; null takes one away. */
export type Flags = Readonly<Record<string, string | null>>;

/** What the flags of a control plane's programs are made from. */
export interface Layout {
  /** A folder for everything that the programs write. */
  readonly directory: string;
  readonly etcd: string;
  readonly server: string;
  readonly files: CredentialFiles;
}

/** Flags as a program takes them. */
export function render(flags: Flags): readonly string[] {
  return Object.entries(flags).flatMap(([name, value]) =>
    value === null ? [] : [`--${name}=${value}`],
  );
}

/** One member, reached by the API server alone. */
export function etcdFlags({ directory, etcd }: Layout): Flags {
  return {
    'data-dir': join(directory, 'etcd'),
    'listen-client-urls': etcd,
    'advertise-client-urls': etcd,
    // No other member: the kernel may choose any port.
    'listen-peer-urls': 'http://127.0.0.1:0',
    // Nothing is kept beyond the tests, and slow disks would only make them slower.
    'unsafe-no-fsync': 'true',
  };
}

/** Those of controller-runtime's envtest, but with the ServiceAccount plugin on, as on a real cluster. */
export function apiServerFlags({ directory, etcd, server, files }: Layout): Flags {
  return {
    'advertise-address': '127.0.0.1',
    'bind-address': '127.0.0.1',
    'secure-port': new URL(server).port,
    'etcd-servers': etcd,
    'cert-dir': join(directory, 'apiserver'),
    'tls-cert-file': files.servingCertificate,
    'tls-private-key-file': files.servingKey,
    'client-ca-file': files.ca,
    'service-account-issuer': `${server}/`,
    'service-account-key-file': files.serviceAccountPublicKey,
    'service-account-signing-key-file': files.serviceAccountPrivateKey,
    'authorization-mode': 'RBAC',
    'service-cluster-ip-range': '10.0.0.0/24',
    'allow-privileged': 'true',
  };
}

/** As on a cluster set up by kubeadm, for the user of this kubeconfig. */
export function controllerManagerFlags({ directory, files }: Layout, kubeconfig: string): Flags {
  return {
    kubeconfig,
    // Each controller acts as its own ServiceAccount, so a webhook sees the users that it sees on a
    // real cluster.
    'use-service-account-credentials': 'true',
    'service-account-private-key-file': files.serviceAccountPrivateKey,
    'root-ca-file': files.ca,
    // If this process is killed without a chance to clean up, the manager loses its lease along with
    // the API server, and ends by itself.
    'leader-elect': 'true',
    // Its usual restraint is meant for large clusters, and would make every start seconds longer.
    'kube-api-qps': '500',
    'kube-api-burst': '1000',
    // Nobody asks it for metrics or health.
    'secure-port': '0',
    // It makes this folder when it starts, by default outside of any temporary place.
    'flex-volume-plugin-dir': join(directory, 'flex-volume-plugins'),
  };
}
