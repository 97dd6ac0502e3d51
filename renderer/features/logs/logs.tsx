import type { Sandbox } from '../../../shared/model/sandbox.ts';

export function Logs({ sandbox }: { readonly sandbox: Sandbox }) {
  return <p>{sandbox.name}</p>;
}
