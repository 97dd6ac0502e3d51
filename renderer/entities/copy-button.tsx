import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useStrings } from '../stores/page.ts';
import { IconButton } from '../ui/button.tsx';

const SHOWN_MS = 1500;

interface CopyButtonProps {
  readonly label: string;
  readonly text: () => string;
  readonly small?: boolean;
}

/** Copies a text and says that it did. */
export function CopyButton({ label, text, small }: CopyButtonProps) {
  const strings = useStrings();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <IconButton
      label={copied ? strings.app.copied : label}
      className={small === true ? '!h-6 !w-6' : ''}
      onClick={() => {
        navigator.clipboard.writeText(text()).then(
          () => setCopied(true),
          () => setCopied(false),
        );
      }}
    >
      {copied ? <Check size={14} aria-hidden="true" /> : <Copy size={14} aria-hidden="true" />}
    </IconButton>
  );
}
