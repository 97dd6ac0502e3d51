import { Settings } from 'lucide-react';
import { useState } from 'react';
import { ErrorBoundary } from '../entities/error-boundary.tsx';
import { lazyPart } from '../lib/lazy-part.tsx';
import { useStrings } from '../stores/page.ts';
import { IconButton } from '../ui/button.tsx';
import { PlainDialog } from '../ui/plain-dialog.tsx';

const OpenSettingsMenu = lazyPart(async () => (await import('./settings-menu-items.tsx')).OpenSettingsMenu);

export function SettingsMenu() {
  const strings = useStrings();
  const [wanted, setWanted] = useState(false);
  const icon = <Settings size={16} aria-hidden="true" />;
  const button = (
    <IconButton label={strings.app.settings} aria-haspopup="menu" onClick={() => setWanted(true)}>
      {icon}
    </IconButton>
  );
  if (!wanted) return button;
  return (
    <ErrorBoundary
      around={(problem) => (
        <>
          {button}
          <PlainDialog closeLabel={strings.app.close} onClose={() => setWanted(false)}>
            {problem}
          </PlainDialog>
        </>
      )}
    >
      <OpenSettingsMenu waiting={button} trigger={<IconButton label={strings.app.settings}>{icon}</IconButton>} />
    </ErrorBoundary>
  );
}
