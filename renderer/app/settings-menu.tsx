import { Settings } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useStrings } from '../stores/page.ts';
import { IconButton } from '../ui/button.tsx';

const OpenSettingsMenu = lazy(async () => ({
  default: (await import('./settings-menu-items.tsx')).OpenSettingsMenu,
}));

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
    <Suspense fallback={button}>
      <OpenSettingsMenu trigger={<IconButton label={strings.app.settings}>{icon}</IconButton>} />
    </Suspense>
  );
}
