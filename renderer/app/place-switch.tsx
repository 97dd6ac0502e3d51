import { Boxes, SquareFunction } from 'lucide-react';
import { usePage, useStrings, useUi } from '../stores/page.ts';
import { places } from '../stores/ui.ts';
import { Button } from '../ui/button.tsx';
import { classes } from '../ui/classes.ts';

const looks = {
  sandboxes: { Icon: Boxes, keys: 'S' },
  functions: { Icon: SquareFunction, keys: 'F' },
} as const;

/** What the page is about: sandboxes, or functions. */
export function PlaceSwitch() {
  const { ui } = usePage();
  const strings = useStrings();
  const place = useUi((state) => state.place);
  return (
    <nav aria-label={strings.app.places} className="flex shrink-0 items-center gap-0.5">
      {places.map((each) => {
        const { Icon, keys } = looks[each];
        const label = strings.app.placeNames[each];
        return (
          <Button
            key={each}
            look="quiet"
            aria-label={label}
            aria-current={each === place ? 'page' : undefined}
            aria-keyshortcuts={keys}
            title={`${label} (${keys})`}
            className={classes('!px-2', each === place && '!bg-selected !text-text')}
            icon={<Icon size={14} aria-hidden="true" />}
            onClick={() => ui.setState({ place: each })}
          >
            <span className="max-lg:hidden">{label}</span>
          </Button>
        );
      })}
    </nav>
  );
}
