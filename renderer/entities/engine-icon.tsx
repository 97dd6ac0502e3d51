import { Box, Boxes, Braces, Container, Cpu, Fence, type LucideIcon, ShipWheel, SquareTerminal } from 'lucide-react';
import type { EngineKind } from '../../shared/model/spec.ts';

const icons: Readonly<Record<EngineKind, LucideIcon>> = {
  process: SquareTerminal,
  virtualenv: Braces,
  docker: Container,
  podman: Boxes,
  namespace: Fence,
  wasm: Box,
  microvm: Cpu,
  kubernetes: ShipWheel,
};

export function EngineIcon({ kind, size = 14 }: { readonly kind: EngineKind; readonly size?: number }) {
  const Icon = icons[kind];
  return <Icon size={size} aria-hidden="true" className="shrink-0" />;
}
