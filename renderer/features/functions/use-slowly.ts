import { useEffect, useRef, useState } from 'react';

/** A value that changes often, passed on at most once in `ms`; the last one always comes. */
export function useSlowly<T>(value: T, ms: number): T {
  const [passed, setPassed] = useState(value);
  const last = useRef(Number.NEGATIVE_INFINITY);
  useEffect(() => {
    const pass = () => {
      last.current = performance.now();
      setPassed(value);
    };
    const timer = setTimeout(pass, Math.max(0, last.current + ms - performance.now()));
    return () => clearTimeout(timer);
  }, [value, ms]);
  return passed;
}
