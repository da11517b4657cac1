/**
 * One entry of `spec.env` of a StorageTenant. It is set in every container of the tenant, so names are
 * refused that choose which code a program runs or where it connects, and that carry credentials.
 * Programs look some of them up in any case (`https_proxy`), and Windows all of them.
 */
export const tenantVariable = {
  type: 'object',
  required: ['name', 'value'],
  additionalProperties: false,
  properties: {
    name: {
      type: 'string',
      minLength: 1,
      maxLength: 128,
      pattern: '^[A-Za-z_][A-Za-z0-9_]*$',
      errorMessage: 'must be letters, digits and "_", not starting with a digit',
      'x-kubernetes-validations': [
        {
          rule: noneOf({ prefixes: ['AWS_', 'BUCKETWARDEN_'], names: ['NODE_EXTRA_CA_CERTS'] }),
          message:
            'AWS_*, BUCKETWARDEN_* and NODE_EXTRA_CA_CERTS are reserved for the storage identity',
        },
        {
          rule: noneOf({
            prefixes: ['LD_', 'DYLD_', 'GIT_SSH', 'NPM_CONFIG_', 'CORECLR_', 'COR_PROFILER'],
            names: [
              ...['PATH', 'ENV', 'BASH_ENV', 'SHELLOPTS', 'PROMPT_COMMAND'],
              ...['NODE_OPTIONS', 'NODE_PATH', 'PYTHONPATH', 'PYTHONHOME', 'PYTHONSTARTUP'],
              ...['JAVA_TOOL_OPTIONS', '_JAVA_OPTIONS', 'JDK_JAVA_OPTIONS', 'CLASSPATH'],
              ...['PERL5OPT', 'PERL5LIB', 'RUBYOPT', 'RUBYLIB', 'DOTNET_STARTUP_HOOKS'],
              ...['GCONV_PATH', 'GLIBC_TUNABLES', 'OPENSSL_CONF', 'PHPRC', 'LUA_INIT', 'PERL5DB'],
              ...['GIT_EXEC_PATH', 'GIT_PROXY_COMMAND', 'PYTHONUSERBASE', 'PYTHONBREAKPOINT'],
            ],
          }),
          message:
            'LD_*, PATH, ENV, NODE_OPTIONS, PYTHONPATH, JAVA_TOOL_OPTIONS, GIT_SSH* and other variables that choose which code a program runs are not allowed',
        },
        {
          rule: noneOf({
            prefixes: ['KUBERNETES_SERVICE_'],
            names: [
              ...['HTTP_PROXY', 'HTTPS_PROXY', 'FTP_PROXY', 'GRPC_PROXY', 'ALL_PROXY', 'NO_PROXY'],
              ...['SOCKS_PROXY', 'HOSTALIASES', 'LOCALDOMAIN', 'RES_OPTIONS'],
              ...['NODE_TLS_REJECT_UNAUTHORIZED'],
            ],
          }),
          message:
            'HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY, HOSTALIASES, KUBERNETES_SERVICE_* and other variables that redirect connections or stop checking certificates are not allowed',
        },
        {
          rule: noneOf({
            prefixes: ['MINIO_ROOT_'],
            names: [
              ...['MINIO_ACCESS_KEY', 'MINIO_SECRET_KEY', 'S3_ACCESS_KEY', 'S3_ACCESS_KEY_ID'],
              ...['S3_SECRET_KEY', 'S3_SECRET_ACCESS_KEY'],
            ],
          }),
          message: 'static keys are not allowed; pods get a short-lived identity instead',
        },
      ],
      description: 'Name of the variable.',
    },
    value: {
      type: 'string',
      maxLength: 4096,
      'x-kubernetes-validations': [
        {
          // MC_HOST_x=https://KEY:SECRET@HOST, among others; without keys it is fine.
          rule: String.raw`!self.matches('://[^/?#@\\s]*:[^/?#@\\s]*@')`,
          message: 'must not contain a URL with a password or key ("https://user:password@host")',
        },
      ],
      description: 'Its value, used as written.',
    },
  },
} as const;

/** A CEL rule: the text has none of these names and prefixes, in capitals or not. */
function noneOf(taken: {
  readonly prefixes: readonly string[];
  readonly names: readonly string[];
}): string {
  const quoted = taken.names.map((name) => `'${name}'`).join(', ');
  return [
    ...taken.prefixes.map((prefix) => `!self.upperAscii().startsWith('${prefix}')`),
    `!(self.upperAscii() in [${quoted}])`,
  ].join(' && ');
}
