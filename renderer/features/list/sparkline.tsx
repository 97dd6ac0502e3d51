import { useEffect, useRef } from 'react';
import { usePage } from '../../stores/page.ts';

const WIDTH = 56;
const HEIGHT = 18;
/** The line of an idle sandbox must not fill the picture: full height is at least a tenth of a core. */
const LEAST_FULL = 0.1;

/** CPU of the last two minutes. Drawn on a canvas, outside of React, when samples come. */
export function Sparkline({ id, dimmed }: { readonly id: string; readonly dimmed: boolean }) {
  const { samples } = usePage();
  const ref = useRef<HTMLCanvasElement>(null);

  useEffect(() => {
    const canvas = ref.current;
    const context = canvas?.getContext('2d');
    if (!canvas || !context) return;
    const ratio = window.devicePixelRatio;
    canvas.width = WIDTH * ratio;
    canvas.height = HEIGHT * ratio;
    context.scale(ratio, ratio);

    let drawn = Number.NaN;
    const draw = () => {
      const ring = samples.ring(id);
      const size = ring?.size() ?? 0;
      const newest = ring?.last('at') ?? Number.NaN;
      if (!ring || newest === drawn) return;
      drawn = newest;
      context.clearRect(0, 0, WIDTH, HEIGHT);
      let full = LEAST_FULL;
      for (let i = 0; i < size; i++) {
        const value = ring.at('cpuCores', i);
        if (value > full) full = value;
      }
      const style = getComputedStyle(canvas);
      context.strokeStyle = style.color;
      context.fillStyle = style.color;
      context.lineWidth = 1.2;
      const step = WIDTH / 59;
      const y = (value: number) => HEIGHT - 1 - (value / full) * (HEIGHT - 3);
      let open = false;
      context.beginPath();
      for (let i = 0; i < size; i++) {
        const value = ring.at('cpuCores', i);
        const x = WIDTH - (size - 1 - i) * step;
        if (Number.isNaN(value)) open = false;
        else if (open) context.lineTo(x, y(value));
        else {
          context.moveTo(x, y(value));
          open = true;
        }
      }
      context.stroke();
      context.lineTo(WIDTH, HEIGHT);
      context.lineTo(WIDTH - (size - 1) * step, HEIGHT);
      context.globalAlpha = 0.14;
      context.fill();
      context.globalAlpha = 1;
    };
    draw();
    return samples.onTick(draw);
  }, [id, samples]);

  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a canvas without tabindex takes no focus.
    <canvas
      ref={ref}
      aria-hidden="true"
      style={{ width: WIDTH, height: HEIGHT, opacity: dimmed ? 0.35 : 1 }}
      className="shrink-0 text-accent"
    />
  );
}
