import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown, ArrowDownToLine, ArrowUp, FileX, Pause, Play, ScrollText } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { Sandbox } from '../../../shared/model/sandbox.ts';
import { CopyButton } from '../../entities/copy-button.tsx';
import { usePage, usePreference, useStrings } from '../../stores/page.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Checkbox, controlClass, Select } from '../../ui/field.tsx';
import { findLines, type LineFilter } from './buffer.ts';
import { LineRow } from './line-row.tsx';
import { useLog } from './use-log.ts';

const LINE_HEIGHT = 18;
/** This near to the end, the view follows. */
const NEAR_END = 24;

export function Logs({ sandbox }: { readonly sandbox: Sandbox }) {
  const { preferences } = usePage();
  const strings = useStrings();
  const text = strings.logs;
  const times = usePreference((state) => state.logTimes);
  const wrap = usePreference((state) => state.logWrap);
  const [paused, setPaused] = useState(false);
  const [filter, setFilter] = useState<LineFilter>({ text: '', stream: 'all', only: false });
  const [current, setCurrent] = useState(0);
  const [atEnd, setAtEnd] = useState(true);
  const log = useLog(sandbox, paused);
  const { shown, matches } = useMemo(() => findLines(log.lines, filter), [log.lines, filter]);
  // Some engines keep none; the first line tells, as all of a log come from one.
  const hasTimes = log.lines[0]?.at !== null;
  const scroller = useRef<HTMLDivElement>(null);
  const needle = filter.text.toLowerCase();

  const virtualizer = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE_HEIGHT,
    getItemKey: (index) => shown[index]?.number ?? index,
    overscan: 20,
  });

  useEffect(() => {
    if (atEnd && !paused && shown.length > 0) virtualizer.scrollToIndex(shown.length - 1, { align: 'end' });
  }, [shown, atEnd, paused, virtualizer]);

  function goTo(index: number): void {
    if (matches.length === 0) return;
    const next = (index + matches.length) % matches.length;
    setCurrent(next);
    setAtEnd(false);
    virtualizer.scrollToIndex(matches[next] ?? 0, { align: 'center' });
  }

  // What is found first is shown at once.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only another text moves the view, not each new line.
  useEffect(() => {
    if (needle !== '') goTo(0);
  }, [needle, filter.only]);

  function onScroll(): void {
    const element = scroller.current;
    if (element) setAtEnd(element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_END);
  }

  return (
    <div className="flex h-full flex-col">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line bg-surface px-3 py-1.5">
        <div className="flex items-center gap-1">
          <input
            type="search"
            aria-label={text.search}
            placeholder={text.search}
            value={filter.text}
            onChange={(event) => {
              setFilter({ ...filter, text: event.target.value });
              setCurrent(0);
            }}
            onKeyDown={(event) => {
              if (event.key === 'Enter') goTo(event.shiftKey ? current - 1 : current + 1);
              if (event.key === 'Escape') setFilter({ ...filter, text: '' });
            }}
            className={`${controlClass} !w-52`}
          />
          {needle !== '' && (
            <>
              <span role="status" className="min-w-16 text-center text-sm text-dim tabular-nums">
                {matches.length === 0 ? text.matches(0) : text.position(current + 1, matches.length)}
              </span>
              <IconButton label={text.previous} keys="Shift+Enter" onClick={() => goTo(current - 1)}>
                <ArrowUp size={14} aria-hidden="true" />
              </IconButton>
              <IconButton label={text.next} keys="Enter" onClick={() => goTo(current + 1)}>
                <ArrowDown size={14} aria-hidden="true" />
              </IconButton>
              <Checkbox
                label={text.filterLines}
                checked={filter.only}
                onChange={(only) => setFilter({ ...filter, only })}
              />
            </>
          )}
        </div>
        <Select
          aria-label={text.stream}
          className="!w-28"
          value={filter.stream}
          options={(['all', 'stdout', 'stderr'] as const).map((value) => ({ value, label: text.streams[value] }))}
          onChange={(stream) => setFilter({ ...filter, stream })}
        />
        {hasTimes && (
          <Checkbox label={text.times} checked={times} onChange={(logTimes) => preferences.change({ logTimes })} />
        )}
        <Checkbox label={text.wrap} checked={wrap} onChange={(logWrap) => preferences.change({ logWrap })} />
        <span className="ml-auto flex items-center gap-1">
          <span role="status" className="text-sm text-faint">
            {paused ? text.paused(log.unseen) : text.lines(shown.length)}
          </span>
          <Button
            look="quiet"
            icon={paused ? <Play size={14} aria-hidden="true" /> : <Pause size={14} aria-hidden="true" />}
            onClick={() => setPaused(!paused)}
          >
            {paused ? text.resume : text.pause}
          </Button>
          <CopyButton label={text.copy} text={() => shown.map((line) => line.plain).join('\n')} />
        </span>
      </div>
      {log.dropped > 0 && (
        <p className="border-b border-line px-3 py-0.5 text-xs text-faint">{text.dropped(log.dropped)}</p>
      )}
      {log.error ? (
        <EmptyState icon={<FileX size={32} />} title={log.error.message} hint={log.error.hint} tone="problem" />
      ) : shown.length === 0 ? (
        <EmptyState
          icon={<ScrollText size={32} />}
          title={log.lines.length === 0 ? text.empty : text.noMatch}
          hint={log.lines.length === 0 ? text.emptyHint : undefined}
        />
      ) : (
        <div
          ref={scroller}
          role="log"
          // A log that runs must not be read out line by line.
          aria-live="off"
          aria-label={text.title}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it.
          tabIndex={0}
          onScroll={onScroll}
          className="min-h-0 flex-1 overflow-auto bg-bg py-1"
        >
          <div
            className="relative min-w-full"
            style={{ height: virtualizer.getTotalSize(), width: wrap ? '100%' : 'max-content' }}
          >
            {virtualizer.getVirtualItems().map((item) => {
              const line = shown[item.index];
              if (!line) return null;
              return (
                <div
                  key={item.key}
                  ref={virtualizer.measureElement}
                  data-index={item.index}
                  className={wrap ? 'absolute top-0 left-0 w-full' : 'absolute top-0 left-0 min-w-full'}
                  style={{ transform: `translateY(${item.start}px)` }}
                >
                  <LineRow
                    line={line}
                    needle={needle}
                    current={needle !== '' && matches[current] === item.index}
                    time={times && hasTimes}
                    wrap={wrap}
                  />
                </div>
              );
            })}
          </div>
        </div>
      )}
      {!atEnd && shown.length > 0 && (
        <Button
          className="absolute right-5 bottom-4 shadow-pop"
          icon={<ArrowDownToLine size={14} aria-hidden="true" />}
          onClick={() => {
            setAtEnd(true);
            virtualizer.scrollToIndex(shown.length - 1, { align: 'end' });
          }}
        >
          {text.jump}
        </Button>
      )}
    </div>
  );
}
