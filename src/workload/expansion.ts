/** A variable's value, or undefined when only the running container knows it. */
export type Variables = ReadonlyMap<string, string | undefined>;

/**
 * Expands `$(NAME)` as the kubelet does (k8s.io/kubernetes third_party/forked/golang/expansion):
 * `$$` is one dollar, an unknown name stays as it was written.
 */
export function expandVariables(text: string, variables: Variables): string {
  if (!text.includes('$')) return text;
  let result = '';
  let at = 0;
  while (at < text.length) {
    const dollar = text.indexOf('$', at);
    if (dollar === -1 || dollar === text.length - 1) return result + text.slice(at);
    result += text.slice(at, dollar);
    const next = text.charAt(dollar + 1);
    const close = next === '(' ? text.indexOf(')', dollar) : -1;
    if (next === '$') {
      result += '$';
      at = dollar + 2;
    } else if (close !== -1) {
      const name = text.slice(dollar + 2, close);
      result += variables.get(name) ?? text.slice(dollar, close + 1);
      at = close + 1;
    } else {
      result += `$`;
      at = dollar + 1;
    }
  }
  return result;
}

const shellVariable = /\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))/g;

/**
 * Replaces `$NAME` and `${NAME}` by what the container's own environment says, as its shell would.
 * What the environment does not hold stays as written.
 */
export function expandShellVariables(text: string, variables: Variables): string {
  if (!text.includes('$')) return text;
  return text.replace(
    shellVariable,
    (written: string, braced: string | undefined, plain: string | undefined) =>
      variables.get(braced ?? plain ?? '') ?? written,
  );
}
