// Without zod, so that the page's first load does without it as well.

export const engineKinds = [
  'process',
  'virtualenv',
  'docker',
  'podman',
  'namespace',
  'wasm',
  'microvm',
  'kubernetes',
] as const;
export type EngineKind = (typeof engineKinds)[number];
