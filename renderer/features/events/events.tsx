import type { Sandbox } from '../../../shared/model/sandbox.ts';

export function SandboxEvents({ sandbox }: { readonly sandbox: Sandbox }) {
  return <p>{sandbox.name}</p>;
}
