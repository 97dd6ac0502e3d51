import type { Sandbox } from '../../../shared/model/sandbox.ts';

export function Inspect({ sandbox }: { readonly sandbox: Sandbox }) {
  return <p>{sandbox.name}</p>;
}
