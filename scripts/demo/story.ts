/** The files that both demos play, in order, and what to look for. */
export const story = [
  {
    file: 'examples/good/pod.yaml',
    about: 'A Pod as its author writes it: the storage identity is injected.',
  },
  {
    file: 'examples/good/report.yaml',
    about: 'A Deployment that asks for its own bucket and reads a shared one.',
  },
  { file: 'examples/good/service-entry.yaml', about: 'A granted host; exportTo is filled in.' },
  {
    file: 'examples/bad/foreign-bucket.yaml',
    about: "Another tenant's bucket reads like one that does not exist.",
  },
  {
    file: 'examples/bad/static-keys.yaml',
    about: 'Static keys: only a warning, as examples/config.yaml says.',
  },
  {
    file: 'examples/bad/service-entries.yaml',
    about: "A wildcard that covers the store, and the store's own name.",
  },
] as const;
