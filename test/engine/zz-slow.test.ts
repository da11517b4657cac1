import { it } from 'vitest';
import { admit, mutate } from '/work/main/src/engine/admit.ts';
import { anEngine, aPod, aPodWith, aRequest, aTenant } from '/work/main/test/builders.ts';
const engine = anEngine({ tenants: [aTenant({ buckets: Array.from({length:256},(_, i)=>({name:`payments-bucket-${i}`})) })] });
async function time(label: string, object: any, oldObject?: any) {
  const request = aRequest({ object, oldObject });
  let t = performance.now(); await mutate(request, engine); const m = performance.now() - t;
  t = performance.now(); const {decision} = await admit(request, engine); const v = performance.now() - t;
  console.log(label, JSON.stringify(object).length, 'mutate', m|0, 'admit', v|0, decision.denied.length, decision.message.length);
}
it('slow', async () => {
  await time('uris in one arg', aPodWith({ args: ['s3://aaa '.repeat(150_000)] }));
  await time('args', aPodWith({ args: Array.from({length: 100_000}, () => 's3://aaa') }));
  await time('env names', aPodWith({ env: Array.from({length: 40_000}, (_, i) => ({ name: 'S3_BUCKET', value: 'abc' })) }));
  await time('env names list', aPodWith({ env: [{ name: 'S3_BUCKET', value: 'abc '.repeat(300_000) }] }));
  await time('flags', aPodWith({ args: ['--bucket abc '.repeat(100_000)] }));
  await time('expansion', aPodWith({ env: [{name:'A', value:'x'.repeat(1000)}], args: Array.from({length: 100_000}, () => '$(A)$A s3://x') }));
  await time('annotation', aPod({ metadata: { annotations: { 'bucketwarden.io/buckets': 'abc,'.repeat(300_000) } } }));
  await time('granted', aPod({ metadata: { annotations: { 'bucketwarden.io/granted-buckets': 'abc,'.repeat(300_000) } } }));
  await time('containers', aPod({ spec: { containers: Array.from({length: 50_000}, () => ({ name: 'istio-proxy', image: 'docker.io/istio/proxyv2' })) }, metadata: { annotations: { 'sidecar.istio.io/status': JSON.stringify({containers: Array.from({length: 50_000}, () => 'x')}) } } }));
  await time('ours', aPodWith({ env: Array.from({length: 40_000}, (_, i) => ({ name: 'AWS_ROLE_ARN', value: 'x' })) }));
  await time('long uri', aPodWith({ args: ['s3://' + 'a.'.repeat(700_000)] }));
  await time('long url', aPodWith({ args: ['https://' + 'a.'.repeat(700_000)] }));
  await time('long path', aPodWith({ args: ['s3://abc/' + '/'.repeat(1_400_000)] }));
  await time('long name', aPodWith({ args: ['--bucket=' + 'a-'.repeat(700_000)] }));
  await time('dollars', aPodWith({ args: ['$('.repeat(700_000)] }));
  await time('dollars uri', aPodWith({ args: ['s3://x' + '${'.repeat(700_000)] }));
  await time('scheme', aPodWith({ args: ['a'.repeat(1_400_000) + '://x'] }));
  const bad = aPodWith({ args: Array.from({length: 50_000}, (_, i) => `s3://aaa/${i}`) });
  await time('update', bad, bad);
}, 600_000);
