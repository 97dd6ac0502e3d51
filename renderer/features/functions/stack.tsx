import { useMemo } from 'react';
import { showPath } from '../../lib/show-path.ts';
import { useStrings } from '../../stores/page.ts';
import { stackLines, thrownAt } from './stack-lines.ts';

interface StackProps {
  readonly stack: string;
  readonly onLine: ((line: number) => void) | null;
}

/** A stack whose lines lead to the code. */
export function Stack({ stack, onLine }: StackProps) {
  const text = useStrings().functions;
  const lines = useMemo(() => stackLines(stack), [stack]);
  const at = thrownAt(lines);
  return (
    <div className="max-h-64 overflow-auto px-2.5 py-1.5">
      {onLine && at !== null && (
        <button type="button" className="mb-1 text-sm text-accent underline" onClick={() => onLine(at)}>
          {text.thrownAt(at)}
        </button>
      )}
      <ol className="font-mono text-sm leading-[18px] whitespace-pre-wrap [overflow-wrap:anywhere]">
        {lines.map(({ text: shown, line }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the lines of one stack never change.
          <li key={index}>
            {line === null || !onLine ? (
              showPath(shown) || ' '
            ) : (
              <>
                {/^ */.exec(shown)?.[0]}
                <button
                  type="button"
                  title={text.goToLine(line)}
                  className="text-left text-accent underline decoration-dotted underline-offset-2"
                  onClick={() => onLine(line)}
                >
                  {showPath(shown.trimStart())}
                </button>
              </>
            )}
          </li>
        ))}
      </ol>
    </div>
  );
}
