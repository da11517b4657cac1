import { expect, it } from 'vitest';
import { denialOf, mustFail, mustSucceed, type KubectlResult } from './kubectl.ts';

const admitted: KubectlResult = {
  command: 'kubectl replace -f -',
  exitCode: 0,
  stdout: 'deployment.apps/trick replaced\n',
  stderr: 'Warning: [static-credentials] …\n',
};
const failed: KubectlResult = {
  command: 'kubectl replace -f -',
  exitCode: 1,
  stdout: '',
  stderr: 'Error from server (Conflict): the object has been modified\n',
};
const denied: KubectlResult = {
  command: 'kubectl replace -f -',
  exitCode: 1,
  stdout: '',
  stderr:
    'Error from server: error when replacing "STDIN": ' +
    'admission webhook "validate.bucketwarden.io" denied the request: Pod "a/b" breaks a rule:\n- x\n',
};

it('says that a request was admitted that had to be denied, with everything kubectl printed', async () => {
  await expect(denialOf(admitted)).rejects.toThrow(
    'the webhook had to deny this, but it was admitted:\n' +
      '$ kubectl replace -f -\n' +
      'deployment.apps/trick replaced\n' +
      'Warning: [static-credentials] …\n' +
      '(exit code 0)',
  );
});

it('says that a request failed for another reason than a denial', async () => {
  await expect(denialOf(failed)).rejects.toThrow(
    'the webhook had to deny this, but it failed for another reason:\n' +
      '$ kubectl replace -f -\n' +
      'Error from server (Conflict): the object has been modified\n' +
      '(exit code 1)',
  );
});

it('gives the message of a denial alone', async () => {
  expect(await denialOf(denied)).toBe('Pod "a/b" breaks a rule:\n- x');
});

it('shows everything kubectl printed when it fails or succeeds unexpectedly', async () => {
  await expect(mustSucceed(failed)).rejects.toThrow(/had to succeed:\n[\s\S]*\(exit code 1\)$/);
  await expect(mustFail(admitted)).rejects.toThrow(/had to fail:\n[\s\S]*\(exit code 0\)$/);
});
