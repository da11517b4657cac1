import { describe, expect, it } from 'vitest';
import type { JsonRecord } from '../../src/admission/json.ts';
import { admit } from '../../src/engine/admit.ts';
import { aConfig, anEngine, aPod, aPodWith, aRequest, aTenant } from '../builders.ts';
import { inNamespace } from './questions.ts';

const tenants = [
  aTenant(),
  aTenant({ name: 'analytics', namespaces: ['analytics'], buckets: [{ name: 'analytics-raw' }] }),
];
const engine = anEngine({ tenants });

/** What bucket-outside-tenant denies, once in the tenant's namespace and once outside tenants. */
async function denied(object: JsonRecord, to = engine): Promise<Record<string, string[]>> {
  const of = async (namespace: string): Promise<string[]> => {
    const request = aRequest({ object: inNamespace(object, namespace) });
    const { decision } = await admit(request, to);
    return decision.denied
      .filter(({ finding }) => finding.rule.id === 'bucket-outside-tenant')
      .map(({ finding }) => finding.violation.reason);
  };
  return { tenant: await of('payments'), outside: await of('free') };
}

const foreign = {
  tenant: ['bucket "analytics-raw" is not granted'],
  outside: ['bucket "analytics-raw" is not granted to this namespace, which belongs to no tenant'],
};
const nothing = { tenant: [], outside: [] };

const longValue = { name: 'V', value: 'x'.repeat(3_000) };
const copy = 'aws s3 cp s3://analytics-raw/x .';

function shell(script: string, env: readonly JsonRecord[] = []): JsonRecord {
  return aPodWith({ env, command: ['sh', '-c', script] });
}

describe('G2: padding does not hide a bucket', () => {
  it('behind variables of a shell that are long', async () => {
    const object = shell(`: ${'$V'.repeat(2_000)} ; ${copy}`, [longValue]);
    expect(await denied(object)).toEqual(foreign);
  });

  it('behind variables that the kubelet expands beyond any limit', async () => {
    const object = shell(`: ${'$(V)'.repeat(2_000)} ; ${copy}`, [longValue]);
    const unread = 'variables make the text too long to be examined';
    expect(await denied(object)).toEqual({
      tenant: [unread, ...foreign.tenant].sort(),
      outside: [...foreign.outside, unread],
    });
  });

  it('behind the environments of other containers', async () => {
    const env = [
      { name: 'A', value: 'x'.repeat(100_000) },
      ...Array.from({ length: 40 }, (_, index) => ({ name: `B${index}`, value: '$(A)' })),
    ];
    const initContainers = ['a', 'b', 'c'].map((name) => ({ name, image: name, env }));
    const containers = [{ name: 'm', image: 'm', command: ['sh', '-c', `${copy} $HOME`] }];
    const found = await denied(aPod({ spec: { initContainers, containers } }));
    expect(found['tenant']).toContain(foreign.tenant[0]);
    expect(found['outside']).toContain(foreign.outside[0]);
  });

  it('behind an empty variable inside the name, as often as fits', async () => {
    const padding = '$E'.repeat(10_000);
    const object = shell(`aws s3 ls s3://${padding}analytics-raw/x`, [{ name: 'E', value: '' }]);
    const unread = 'the text has a URL or a list that is too long to be examined';
    expect(await denied(object)).toEqual({ tenant: [unread], outside: [unread] });
  });

  it('behind path segments that lead nowhere', async () => {
    const object = shell(`curl https://minio.storage:9000/${'./'.repeat(10_000)}analytics-raw/x`);
    const unread = 'the text has a URL or a list that is too long to be examined';
    expect(await denied(object)).toEqual({ tenant: [unread], outside: [unread] });
  });

  it.each([
    ['URLs that name nothing', 'a:// '],
    ['schemes and nothing else', '://'],
    ['URLs of other hosts', 'https://example.com/x '],
    ['URLs of numbers', 'http://1.2.3.4/x '],
    ['flags without a value', '--bucket --bucket '],
    ['the name of the store in a path', ' minio.storage/'],
  ])('behind %s', async (_, filler) => {
    const object = shell(`: ${filler.repeat(120_000)} ; ${copy}`);
    const unread = 'the text has too many URLs and flags to be examined';
    const found = await denied(object);
    expect(found['tenant']?.at(-1)).toBe(unread);
    expect(found['outside']?.at(-1)).toBe(unread);
  });

  it('behind hosts that take long to read', async () => {
    const hosts = Array.from({ length: 1_000 }, (_, index) => `https://münchen${index}.example/x`);
    const found = await denied(shell(`: ${hosts.join(' ')} ; ${copy}`));
    const unread = 'the text has too many URLs and flags to be examined';
    expect(found).toEqual({ tenant: [unread], outside: [unread] });
  });

  it('is not looked for where buckets are allowed to everybody outside tenants', async () => {
    const to = anEngine({ tenants, config: aConfig({ untenanted: { buckets: 'None' } }) });
    const object = shell(`: ${'://'.repeat(120_000)} ; ${copy}`);
    expect((await denied(object, to))['outside']).toEqual([]);
  });
});

describe('G2: a large object without any bucket is allowed:', () => {
  it.each([
    ['a script with many variables', shell('echo $x ${y} $(date) "$z"\n'.repeat(4_000))],
    [
      'a script with many variables that are set',
      shell('echo $V $V $V $V $V $V $V $V $V $V\n'.repeat(4_000), [longValue]),
    ],
    [
      'a script with many paths',
      shell('cp /usr/share/a/b ./c/d && PATH=/bin:/usr/bin:/sbin make -C x/y\n'.repeat(1_500)),
    ],
    ['a script with many URLs', shell('curl -sf https://files.example.com/x/y\n'.repeat(1_500))],
    [
      'environments of colons',
      aPodWith({
        env: Array.from({ length: 10 }, (_, index) => ({
          name: `LIST_${index}`,
          value: '"a":1,"b":2,'.repeat(10_000),
        })),
      }),
    ],
    [
      'environments that refer to each other',
      aPodWith({
        env: Array.from({ length: 1_000 }, (_, index) => ({
          name: `V${index}`,
          value: `$(V0)$(V${index % 7})`.padEnd(100, 'x'),
        })),
      }),
    ],
  ])('%s', async (_, object) => {
    expect(await denied(object)).toEqual(nothing);
  });
});
