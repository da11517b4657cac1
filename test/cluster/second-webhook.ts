import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { recordOf, textOf } from '../../src/admission/json.ts';
import type { PatchOperation } from '../../src/admission/json-patch.ts';
import { issueCertificates } from '../../src/certs/issue.ts';
import { mustSucceed, type Kubectl } from './kubectl.ts';

/** Somebody else's mutating webhook for pods. */
export interface SecondWebhook {
  remove(): Promise<void>;
}

/**
 * Registers a webhook that patches every pod in namespace payments.
 * @param name decides whether it is called before "bucketwarden" or after it
 * @param mutate called again when a later webhook changed the pod: it has the last word
 */
export async function addSecondWebhook(
  kubectl: Kubectl,
  name: string,
  mutate: (pod: unknown) => readonly PatchOperation[],
): Promise<SecondWebhook> {
  const { ca, serving } = await issueCertificates({ dnsNames: ['127.0.0.1'], now: new Date() });
  const server = createServer(
    { cert: serving.certificate, key: serving.privateKey },
    (req, res) => {
      let body = '';
      req.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      req.on('end', () => {
        const request = recordOf(recordOf(JSON.parse(body))['request']);
        const patch = Buffer.from(JSON.stringify(mutate(request['object']))).toString('base64');
        const response = {
          uid: textOf(request['uid']),
          allowed: true,
          patchType: 'JSONPatch',
          patch,
        };
        res.setHeader('content-type', 'application/json');
        res.end(
          JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response }),
        );
      });
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const configuration = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name },
    webhooks: [
      {
        name: `${name}.example.com`,
        clientConfig: {
          url: `https://127.0.0.1:${portOf(server)}/`,
          caBundle: Buffer.from(ca.certificate).toString('base64'),
        },
        rules: [
          { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] },
        ],
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'payments' } },
        reinvocationPolicy: 'IfNeeded',
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
      },
    ],
  };
  await mustSucceed(kubectl(['apply', '-f', '-'], { stdin: JSON.stringify(configuration) }));
  return {
    async remove() {
      await mustSucceed(kubectl(['delete', 'mutatingwebhookconfiguration', name]));
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
